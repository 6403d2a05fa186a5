"""The fully connected layer that Gemm and MatMul with constant weights become."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.dense import FcS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.numerics import quantize_linear
from edgewright.ops.activation import NO_CLAMP, Clamp
from edgewright.ops.base import Op, Shape
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, Unsupported


@dataclass(frozen=True)
class Dense(Op):
    """y = clamp(x w^T + b) over the last axis. Inputs: x [..., in]; w [out, in]; b [out] or absent."""

    contracts = (FcS8,)

    clamp: Clamp = NO_CLAMP

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("Gemm", {"transB": 1}), *self.clamp.to_onnx()]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        x, w = inputs[:2]
        assert x is not None
        assert w is not None
        return [(*x[:-1], w[0])]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, w = inputs[0], inputs[1]
        assert x is not None
        assert w is not None
        y = x @ w.T
        if len(inputs) > 2 and inputs[2] is not None:
            y = y + inputs[2]
        return [self.clamp.apply(y)]

    def macs(self, inputs: list[Shape | None], output: Shape) -> int:
        w = inputs[1]
        assert w is not None
        return int(np.prod(output)) * w[1]

    def lower(self, low: Lowering) -> None:
        x, xq, yq = low.input(0), low.quant(0), low.out_quant()
        weights = low.real(1)
        bias = low.real(2) if low.has_input(2) else np.zeros(len(weights))
        scales = low.node.operand(1).weight_scales
        layer = quantize_linear(weights, bias, xq.scale, xq.zero, yq.scale, scales=scales).without_shift()
        act_min, act_max = self.clamp.bounds(yq)
        contract = FcS8(
            weights=layer.weights, bias=layer.bias, mult=layer.mult, shift=layer.shift, rows=x.size // weights.shape[1],
            out_shape=low.out().shape, y_zero=yq.zero, act_min=act_min, act_max=act_max,
        )  # fmt: skip
        low.emit(contract, [x])


def build_dense(
    build: Builder, x: Value, weights: Value, bias: np.ndarray | None, name: str | None, transposed: bool = False
) -> Value:
    """A Dense node on `x` with constant weights [in, out], or [out, in] when transposed, and a bias [out].

    Raises:
        Unsupported: the weights do not fit the input.
    """
    assert weights.data is not None
    rows = weights.data if transposed else weights.data.T
    if rows.shape[1] != x.shape[-1]:
        raise Unsupported(f"weights for {rows.shape[1]} features on an input with {x.shape[-1]}")
    w = build.const(np.ascontiguousarray(rows, dtype=np.float32), f"{weights.name}.rows")
    own = weights.weight_scales
    if own is not None and (own.size == 1 or weights.weight_axis == (0 if transposed else 1)):
        w.weight_scales = own
    inputs = [x, w] if bias is None else [x, w, build.const(bias.astype(np.float32), f"{name}.bias")]
    return build.value(Dense(), inputs, name)
