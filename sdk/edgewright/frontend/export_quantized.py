"""Weights and biases as the integers that the integer graph gets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edgewright.ir import Node
from edgewright.numerics import quantize_linear
from edgewright.numerics.weights import channel_scales
from edgewright.ops import Op
from edgewright.ops.conv import Conv
from edgewright.ops.conv_transpose import ConvTranspose
from edgewright.ops.dense import Dense


@dataclass(frozen=True, eq=False)
class QuantizedLayer:
    """The constants of a linear layer.

    weights: int8; scales: float64 [n] along `axis` of the weights. bias: int32 [n] in steps of `bias_scales`, zero
    points not folded in; None when the layer has none.
    """

    weights: np.ndarray
    scales: np.ndarray
    axis: int
    bias: np.ndarray | None
    bias_scales: np.ndarray

    def transposed(self) -> QuantizedLayer:
        """The same layer with its weight matrix transposed."""
        return replace(self, weights=np.ascontiguousarray(self.weights.T), axis=1 - self.axis)


def quantize_layer(node: Node[Op]) -> QuantizedLayer | None:
    """The integer constants of a node, by the same arithmetic as its lowering; None for one without weights.

    Deviation: None for a transposed convolution with groups too, whose scales (one per group and channel) ONNX cannot
    say along one axis; its weights stay float.

    Raises:
        ValueError: its input or output has no scale.
        OverflowError: its accumulator might overflow.
    """
    transposed = isinstance(node.op, ConvTranspose) and node.op.groups == 1
    if not (isinstance(node.op, Conv | Dense) or transposed):
        return None
    x, w = node.operand(0), node.operand(1)
    b = node.inputs[2] if len(node.inputs) > 2 else None
    assert w.data is not None
    if x.quant is None or node.output.quant is None:
        raise ValueError(f"'{node.name}': input or output has no scale; choose scales before a quantized export")
    axis = 1 if transposed else 0
    real = np.moveaxis(w.data, axis, 0)
    bias = np.zeros(len(real)) if b is None or b.data is None else b.data.astype(np.float64)
    own = w.weight_scales
    scales = channel_scales(real.astype(np.float64), bias, x.quant.scale) if own is None else own
    scales = np.broadcast_to(scales, bias.shape).astype(np.float64)
    layer = quantize_linear(real, bias, x.quant.scale, 0, node.output.quant.scale, scales=scales)
    weights = np.ascontiguousarray(np.moveaxis(layer.weights, 0, axis))
    return QuantizedLayer(weights, scales, axis, None if b is None else layer.bias, x.quant.scale * scales)
