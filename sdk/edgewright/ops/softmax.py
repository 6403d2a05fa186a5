"""Softmax."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edgewright.contracts.softmax import SoftmaxS8
from edgewright.ops.base import Op, Shape
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode


@dataclass(frozen=True)
class Softmax(Op):
    """exp(x) / sum(exp(x)) along `axis`; before opset 13 along all axes from `axis` on (flat)."""

    onnx_types = ("Softmax",)
    scale_rule = "fixed"

    axis: int
    flat: bool = False

    @classmethod
    def from_onnx(cls, node: OnnxNode) -> Softmax:
        rank = len(node.input(0).shape)
        old = node.opset < 13
        axis = node.attribute("axis", 1 if old else -1) % rank
        return cls(axis, flat=old and axis != rank - 1)

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("Softmax", {"axis": self.axis})]

    def fixed_quant(self) -> tuple[float, int]:
        return 1 / 256, -128

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        assert inputs[0] is not None
        return [inputs[0]]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        axes = tuple(range(self.axis, x.ndim)) if self.flat else (self.axis,)
        e = np.exp(x - x.max(axis=axes, keepdims=True))
        return [(e / e.sum(axis=axes, keepdims=True)).astype(np.float32)]

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        return None if self.flat else replace(self, axis=perm.index(self.axis))

    def lower(self, low: Lowering) -> None:
        x, yq = low.input(0), low.out_quant()
        shape = x.shape
        stop = len(shape) if self.flat else self.axis + 1
        table = np.rint(2.0**16 * np.exp(-np.arange(256) * low.quant(0).scale))
        contract = SoftmaxS8(
            exp_table=np.minimum(table, 65535).astype(np.uint16),
            outer=int(np.prod(shape[: self.axis])), n=int(np.prod(shape[self.axis : stop])), inner=int(np.prod(shape[stop:])),
            y_levels=round(1 / yq.scale), y_zero=yq.zero, out_shape=shape,
        )  # fmt: skip
        low.emit(contract, [x])
