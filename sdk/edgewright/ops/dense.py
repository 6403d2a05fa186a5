"""Gemm and MatMul with constant weights: one fully connected operation."""

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
from edgewright.ops.onnx_node import OnnxForm, OnnxNode, Unsupported


@dataclass(frozen=True)
class Dense(Op):
    """y = clamp(x w^T + b) over the last axis. Inputs: x [..., in]; w [out, in]; b [out] or absent."""

    onnx_types = ("Gemm",)

    clamp: Clamp = NO_CLAMP

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        """Source: ONNX Gemm, opset 13: alpha * op(A) op(B) + beta * C."""
        if node.attribute("transA", 0):
            raise Unsupported("transA = 1; supported: 0")
        x, w = node.input(0), node.constant(1, "weight matrix")
        weights = w if node.attribute("transB", 0) else w.T
        bias = node.constant(2, "bias") if node.has_input(2) else None
        return [build_dense(build, x, weights * np.float32(node.attribute("alpha", 1.0)),
                            None if bias is None else bias * np.float32(node.attribute("beta", 1.0)),
                            node.output_names[0], node.input(1))]  # fmt: skip

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
        layer = quantize_linear(weights, bias, xq.scale, xq.zero, yq.scale, scales=low.node.operand(1).weight_scales)
        act_min, act_max = self.clamp.bounds(yq)
        contract = FcS8(
            weights=layer.weights, bias=layer.bias, mult=layer.mult, shift=layer.shift, rows=x.size // weights.shape[1],
            out_shape=low.out().shape, y_zero=yq.zero, act_min=act_min, act_max=act_max,
        )  # fmt: skip
        low.emit(contract, [x])


def build_dense(
    build: Builder, x: Value, weights: np.ndarray, bias: np.ndarray | None, name: str, origin: Value | None = None
) -> Value:
    """A Dense node on `x` with weights [out, in] and a bias that broadcasts to [out].

    Raises:
        Unsupported: the bias varies along another axis than the last.
    """
    if weights.shape[1] != x.shape[-1]:
        raise Unsupported(f"weights take {weights.shape[1]} features, the input has {x.shape[-1]}")
    w = build.const(np.ascontiguousarray(weights, dtype=np.float32), f"{name}.weights")
    if origin is not None and origin.weight_scales is not None and origin.data is not None:
        w.weight_scales = origin.weight_scales
    if bias is None:
        return build.value(Dense(), [x, w], name)
    if bias.size not in (1, weights.shape[0]) or (bias.ndim and bias.shape[-1] not in (1, weights.shape[0])):
        raise Unsupported(f"bias {list(bias.shape)} for {weights.shape[0]} features; supported: one per feature")
    row = np.broadcast_to(bias.reshape(-1), (weights.shape[0],)).astype(np.float32)
    return build.value(Dense(), [x, w, build.const(row, f"{name}.bias")], name)
