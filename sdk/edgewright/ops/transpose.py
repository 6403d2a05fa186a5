"""Transpose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.movement import Copy, CopyS8, ReshapeS8
from edgewright.ops.base import Op, Shape
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode


@dataclass(frozen=True)
class Transpose(Op):
    """Output axis k is input axis perm[k]."""

    onnx_types = ("Transpose",)
    scale_rule = "same"

    perm: tuple[int, ...]

    @classmethod
    def from_onnx(cls, node: OnnxNode) -> Transpose:
        rank = len(node.input(0).shape)
        return cls(tuple(node.attribute("perm") or range(rank - 1, -1, -1)))

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("Transpose", {"perm": list(self.perm)})]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        (x,) = inputs
        assert x is not None
        return [tuple(x[axis] for axis in self.perm)]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        return [np.ascontiguousarray(x.transpose(self.perm))]

    def keeps_order(self, shape: Shape) -> bool:
        """Whether the elements stay in memory order: only axes of size 1 move."""
        moved = [axis for axis in self.perm if shape[axis] != 1]
        return moved == sorted(moved)

    def lower(self, low: Lowering) -> None:
        x = low.input(0)
        out_shape = low.out().shape
        if self.keeps_order(x.shape):
            low.emit(ReshapeS8(out_shape=out_shape), [x])
            return
        strides = row_major(x.shape)
        copy = Copy(out_shape, tuple(strides[axis] for axis in self.perm), row_major(out_shape))
        low.emit(CopyS8(copies=(copy,), out_shape=out_shape), [x])


def row_major(shape: Shape) -> tuple[int, ...]:
    """Strides of a contiguous array of this shape, in elements."""
    return tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
