"""Add and Sub, and Sum and Mean of several values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.conv import DepthwiseS8
from edgewright.contracts.elementwise import AddS8, LutS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.numerics import sum_multipliers
from edgewright.ops.base import OnnxOperator
from edgewright.ops.elementwise import Binary
from edgewright.ops.lowering import Lowering, quant_of
from edgewright.ops.mul import Mul
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.reshape import Reshape


@dataclass(frozen=True)
class Add(Binary):
    """y = clamp(a + sign * b); sign is 1 or -1."""

    onnx_types = ("Add", "Sub")
    contracts = (AddS8, LutS8, DepthwiseS8)

    sign: int = 1

    @classmethod
    def from_onnx(cls, node: OnnxNode) -> Add:
        return cls(sign=1 if node.op_type == "Add" else -1)

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("Add" if self.sign == 1 else "Sub"), *self.clamp.to_onnx()]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = inputs
        assert a is not None
        assert b is not None
        return [self.clamp.apply(a + b if self.sign == 1 else a - b)]

    def lower_pair(self, low: Lowering) -> None:
        a, b = (self._operand(low, k) for k in (0, 1))
        aq, bq, yq = quant_of(a), quant_of(b), low.out_quant()
        a_real, b_real = aq.scale / yq.scale, self.sign * bq.scale / yq.scale
        a_mult, b_mult, offset, shift = sum_multipliers(a_real, b_real, aq.zero, bq.zero, yq.zero)
        act_min, act_max = self.clamp.bounds(yq)
        contract = AddS8(
            a_mult=a_mult, b_mult=b_mult, offset=offset, shift=shift, out_shape=low.out().shape,
            a_shape=a.shape, b_shape=b.shape, act_min=act_min, act_max=act_max,
        )  # fmt: skip
        low.emit(contract, [a, b])

    def _operand(self, low: Lowering, index: int) -> Value:
        """Operand `index`; of a constant only as far as it can change the sum, which saturates behind that."""
        source, other = low.node.operand(index), low.node.operand(1 - index)
        if source.data is None or other.data is not None:
            return low.input(index)
        sign, other_sign = (1, self.sign) if index == 0 else (self.sign, 1)
        ends = np.array([-128, 127])
        y_low, y_high = low.out_quant().dequantize(ends).tolist()
        x_low, x_high = sorted((other_sign * low.quant(1 - index).dequantize(ends)).tolist())
        data = sign * np.clip(sign * source.data, y_low - x_high, y_high - x_low)
        return low.input(index) if np.array_equal(data, source.data) else low.constant(index, data)


class Sum(OnnxOperator):
    """The sum or mean of any number of values: a chain of Add."""

    onnx_types = ("Sum", "Mean")

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        terms = [node.input(index) for index in range(len(node.inputs))]
        if node.op_type == "Mean":
            share = build.const(np.array(1 / len(terms), dtype=np.float32))
            return [build.value(Mul(), [_added(terms, build), share], node.output_names[0])]
        return [_added(terms, build, node.output_names[0])]


def _added(terms: list[Value], build: Builder, name: str | None = None) -> Value:
    if len(terms) == 1:
        return build.value(Reshape(terms[0].shape), terms, name)
    total = terms[0]
    for term in terms[1:-1]:
        total = build.value(Add(), [total, term])
    return build.value(Add(), [total, terms[-1]], name)
