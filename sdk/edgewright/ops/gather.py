"""Gather with constant indices."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from edgewright.contracts.movement import CopyS8, GatherS8, ReshapeS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.base import Op, ScaleRule, Shape
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.reshape import Reshape
from edgewright.ops.slice import Slice


@dataclass(frozen=True)
class Gather(Op):
    """The elements at `indices` (each 0 or more) along `axis`, in that order."""

    onnx_types = ("Gather",)
    contracts = (GatherS8, CopyS8, ReshapeS8)
    scale_rule = ScaleRule.SAME

    axis: int
    indices: tuple[int, ...]

    @limit
    @staticmethod
    def constant_indices(node: OnnxNode) -> str | None:
        """constant indices inside an axis of up to 65,536 elements"""
        if node.input(1).data is None:
            return "indices computed at run time"
        n = node.input(0).shape[node.attribute("axis", 0)]
        found = node.constant(1, "indices")
        inside = np.all((found >= -n) & (found < n))
        return None if inside and n <= 65_536 else f"indices {found.reshape(-1)[:4].tolist()} of {n:,}"

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        x, name = node.input(0), node.output_names[0]
        axis = node.attribute("axis", 0) % len(x.shape)
        indices = node.constant(1, "indices") % x.shape[axis]
        op = selection(x.shape, axis, indices.reshape(-1).tolist())
        if indices.ndim == 1:
            return [build.value(op, [x], name)]
        shape = (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])
        return [build.value(Reshape(shape), [build.value(op, [x])], name)]

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("Gather", {"axis": self.axis}, {1: np.array(self.indices, dtype=np.int64)})]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        (x,) = inputs
        assert x is not None
        return [(*x[: self.axis], len(self.indices), *x[self.axis + 1 :])]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        return [x.take(self.indices, axis=self.axis)]

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        return replace(self, axis=perm.index(self.axis))

    def lower(self, low: Lowering) -> None:
        x = low.input(0)
        low.emit_moved(gathering(x.shape, self.axis, np.array(self.indices)), x)


def gathering(shape: Shape, axis: int, indices: np.ndarray) -> GatherS8:
    """The contract that takes `indices` along `axis` of `shape`."""
    outer, inner = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
    out_shape = (*shape[:axis], len(indices), *shape[axis + 1 :])
    return GatherS8(indices.astype(np.uint16), outer, shape[axis], inner, out_shape)


def selection(shape: Shape, axis: int, indices: list[int]) -> Op:
    """The cheapest operation that takes `indices` along `axis`: a slice where they are evenly spaced."""
    steps = {b - a for a, b in pairwise(indices)} or {1}
    step = min(steps)
    if len(steps) > 1 or step == 0:
        return Gather(axis, tuple(indices))
    ranges = [range(n) for n in shape]
    ranges[axis] = range(indices[0], indices[-1] + (1 if step > 0 else -1), step)
    return Slice.of(ranges)
