"""Concat."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edgewright.contracts.movement import Copy, CopyS8, ReshapeS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.base import Op, ScaleRule, Shape
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.reshape import Reshape
from edgewright.ops.strided import row_major


@dataclass(frozen=True)
class Concat(Op):
    """The inputs one after the other along `axis`."""

    onnx_types = ("Concat",)
    contracts = (CopyS8, ReshapeS8)
    scale_rule = ScaleRule.SHARED

    axis: int

    @limit
    @staticmethod
    def matching_shapes(node: OnnxNode) -> str | None:
        """shapes that differ along the axis only"""
        shapes = [list(node.input(k).shape) for k in range(len(node.inputs))]
        axis = _axis(node)
        ranks = {len(shape) for shape in shapes}
        if len(ranks) == 1 and len({tuple(s[:axis] + s[axis + 1 :]) for s in shapes}) == 1:
            return None
        return f"shapes {', '.join(map(str, shapes))} along axis {axis}"

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        inputs = [node.input(k) for k in range(len(node.inputs))]
        if len(inputs) == 1:
            return [build.value(Reshape(inputs[0].shape), inputs, node.output_names[0])]
        return [build.value(cls(_axis(node)), inputs, node.output_names[0])]

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("Concat", {"axis": self.axis})]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        shapes = [shape for shape in inputs if shape is not None]
        whole = sum(shape[self.axis] for shape in shapes)
        return [(*shapes[0][: self.axis], whole, *shapes[0][self.axis + 1 :])]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        return [np.concatenate([x for x in inputs if x is not None], axis=self.axis)]

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        return replace(self, axis=perm.index(self.axis))

    def lower(self, low: Lowering) -> None:
        parts = [low.input_as(k, low.out_quant()) for k in range(len(low.node.inputs))]
        out_shape = low.out().shape
        strides = row_major(out_shape)
        copies, start = [], 0
        for part in parts:
            copies.append(Copy(part.shape, row_major(part.shape), strides, 0, start * strides[self.axis]))
            start += part.shape[self.axis]
        low.emit(CopyS8(tuple(copies), out_shape), parts)


def _axis(node: OnnxNode) -> int:
    return int(node.attribute("axis", 1)) % len(node.input(0).shape)
