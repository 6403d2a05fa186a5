"""Mul, and Div as the product with a reciprocal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.conv import DepthwiseS8
from edgewright.contracts.elementwise import LutS8, MulS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.numerics import multiplier
from edgewright.ops.elementwise import Binary
from edgewright.ops.limits import limit_of
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.unary import Unary


@dataclass(frozen=True)
class Mul(Binary):
    """y = clamp(a * b)."""

    onnx_types = ("Mul", "Div")
    contracts = (MulS8, LutS8, DepthwiseS8)

    @limit_of("Div")
    @staticmethod
    def divisor(node: OnnxNode) -> str | None:
        """no zero in a constant divisor"""
        data = node.input(1).data
        return "division by zero" if data is not None and np.any(data == 0) else None

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        a, b = node.input(0), node.input(1)
        if node.op_type == "Div":
            if b.data is not None:
                b = build.const(np.reciprocal(b.data.astype(np.float32)), f"{b.name}.reciprocal")
            else:
                b = build.value(Unary("Reciprocal"), [b])
        return build.node(cls(), [a, b], names=node.output_names)

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("Mul"), *self.clamp.to_onnx()]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = inputs
        assert a is not None
        assert b is not None
        return [self.clamp.apply(a * b)]

    def lower_pair(self, low: Lowering) -> None:
        a, b, aq, bq, yq = low.input(0), low.input(1), low.quant(0), low.quant(1), low.out_quant()
        fixed = multiplier(aq.scale * bq.scale / yq.scale)
        act_min, act_max = self.clamp.bounds(yq)
        contract = MulS8(
            mult=int(fixed.mult[0]), shift=fixed.shift, out_shape=low.out().shape, a_shape=a.shape, b_shape=b.shape,
            a_zero=aq.zero, b_zero=bq.zero, y_zero=yq.zero, act_min=act_min, act_max=act_max,
        )  # fmt: skip
        low.emit(contract, [a, b])
