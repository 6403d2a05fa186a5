"""MatMul: with constant weights it is a fully connected layer, else a product of two activations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.dense import MatmulS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.numerics import multiplier
from edgewright.ops.activation import NO_CLAMP, Clamp
from edgewright.ops.base import Op, Shape
from edgewright.ops.dense import build_dense
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode, Unsupported


@dataclass(frozen=True)
class MatMul(Op):
    """y = clamp(a b) of two activations [..., rows, inner] and [..., inner, cols]."""

    onnx_types = ("MatMul",)

    clamp: Clamp = NO_CLAMP

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        a, b = node.input(0), node.input(1)
        if b.data is not None and b.data.ndim == 2:
            return [build_dense(build, a, b.data.T, None, node.output_names[0], b)]
        for value in (a, b):
            if len(value.shape) < 2:
                raise Unsupported(f"operand {list(value.shape)}; supported: matrices")
        lead_a, lead_b = a.shape[:-2], b.shape[:-2]
        whole = np.broadcast_shapes(lead_a, lead_b)
        for lead in (lead_a, lead_b):
            if int(np.prod(lead)) not in (1, int(np.prod(whole))):
                raise Unsupported(f"batch {list(lead_a)} times {list(lead_b)}; supported: equal, or one matrix repeated")
        return build.node(cls(), [a, b], names=node.output_names)

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("MatMul"), *self.clamp.to_onnx()]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = inputs
        assert a is not None
        assert b is not None
        return [self.clamp.apply(np.matmul(a, b))]

    def macs(self, inputs: list[Shape | None], output: Shape) -> int:
        a = inputs[0]
        assert a is not None
        return int(np.prod(output)) * a[-1]

    def lower(self, low: Lowering) -> None:
        a, b, aq, bq, yq = low.input(0), low.input(1), low.quant(0), low.quant(1), low.out_quant()
        rows, inner, cols = a.shape[-2], a.shape[-1], b.shape[-1]
        batch = int(np.prod(low.out().shape[:-2]))
        fixed = multiplier(aq.scale * bq.scale / yq.scale)
        act_min, act_max = self.clamp.bounds(yq)
        contract = MatmulS8(
            batch=batch, rows=rows, inner=inner, cols=cols,
            a_stride=rows * inner if a.size > rows * inner else 0,
            b_stride=inner * cols if b.size > inner * cols else 0,
            mult=int(fixed.mult[0]), shift=fixed.shift, out_shape=low.out().shape,
            a_zero=aq.zero, b_zero=bq.zero, y_zero=yq.zero, act_min=act_min, act_max=act_max,
        )  # fmt: skip
        low.emit(contract, [a, b])
