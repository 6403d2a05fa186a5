"""Tile and Expand: repetition along axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.movement import CopyS8, ReshapeS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.base import Op, ScaleRule, Shape
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering, quant_of
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.reshape import Reshape
from edgewright.ops.strided import COPY_RANK, emit_read, reading, row_major


@dataclass(frozen=True)
class Tile(Op):
    """x repeated repeats[axis] times along every axis."""

    onnx_types = ("Tile", "Expand")
    onnx_since = (("Expand", 8),)
    contracts = (CopyS8, ReshapeS8)
    scale_rule = ScaleRule.SAME

    repeats: tuple[int, ...]

    @limit
    @staticmethod
    def known_repeats(node: OnnxNode) -> str | None:
        """repeats or a shape that are known at compile time"""
        value = node.input(1)
        if value.data is None:
            return f"'{value.name}' is computed at run time"
        fits = node.op_type == "Expand" or value.data.shape == (len(node.input(0).shape),)
        return (
            None if fits and value.data.min(initial=1) > 0 else f"{value.data.tolist()} for {list(node.input(0).shape)}"
        )

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        x, wanted = node.input(0), node.integers(1, "repeats") or []
        if node.op_type == "Expand":
            shape = np.broadcast_shapes(x.shape, tuple(wanted))
            if len(shape) > len(x.shape):
                x = build.value(Reshape((1,) * (len(shape) - len(x.shape)) + x.shape), [x])
            wanted = [n // m for n, m in zip(shape, x.shape, strict=True)]
        return [build.value(cls(tuple(wanted)), [x], node.output_names[0])]

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("Tile", {}, {1: np.array(self.repeats, dtype=np.int64)})]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        (x,) = inputs
        assert x is not None
        return [tuple(n * r for n, r in zip(x, self.repeats, strict=True))]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        return [np.tile(x, self.repeats)]

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        return Tile(tuple(self.repeats[a] for a in perm))

    def lower(self, low: Lowering) -> None:
        x, repeats = low.input(0), list(self.repeats)
        while sum(n > 1 for n in (*x.shape, *repeats)) > COPY_RANK:  # one axis at a time until the rest is one copy
            axis = next(a for a, r in enumerate(repeats) if r > 1)
            single = [r if a == axis else 1 for a, r in enumerate(repeats)]
            dims, strides = repeating(x.shape, single)
            shape = tuple(n * r for n, r in zip(x.shape, single, strict=True))
            x = low.temp(reading(dims, strides, 0, shape), [x], shape, quant_of(x))
            repeats[axis] = 1
            if not any(r > 1 for r in repeats):
                break
        emit_read(low, x, *repeating(x.shape, repeats))


def repeating(shape: Shape, repeats: list[int]) -> tuple[Shape, Shape]:
    """Dimensions and strides that read a contiguous `shape` repeated along its axes; sizes of 1 left out."""
    dims, strides = [], []
    for n, r, stride in zip(shape, repeats, row_major(shape), strict=True):
        dims += [k for k in (r, n) if k > 1]
        strides += [s for k, s in ((r, 0), (n, stride)) if k > 1]
    return tuple(dims) or (1,), tuple(strides) or (0,)
