"""Transpose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.movement import CopyS8, ReshapeS8
from edgewright.ops.base import Op, ScaleRule, Shape
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.strided import COPY_RANK, emit_read, row_major


@dataclass(frozen=True)
class Transpose(Op):
    """Output axis k is input axis perm[k]."""

    onnx_types = ("Transpose",)
    contracts = (CopyS8, ReshapeS8)
    scale_rule = ScaleRule.SAME

    perm: tuple[int, ...]

    @limit
    @staticmethod
    def rank(node: OnnxNode) -> str | None:
        """up to 6 axes larger than 1, each once in perm"""
        shape = node.input(0).shape
        perm = node.attribute("perm") or range(len(shape))
        if sorted(perm) != list(range(len(shape))):
            return f"perm {list(perm)} of {len(shape)} axes"
        wide = sum(n > 1 for n in shape)
        return f"{wide} axes" if wide > COPY_RANK else None

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
        strides = row_major(x.shape)
        emit_read(low, x, low.out().shape, tuple(strides[axis] for axis in self.perm))
