"""The float graph as its integer kernels compute it: what is trained is what runs, to the byte."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from edgewright.errors import UnsupportedError
from edgewright.ir import Graph, Node, Quant, Value
from edgewright.ir.clone import clone
from edgewright.numerics import W4_MAX, multiplier
from edgewright.numerics.weights import BIAS_LIMIT, channel_scales
from edgewright.ops import Op
from edgewright.ops.add import Add
from edgewright.ops.clip import Clip
from edgewright.ops.concat import Concat
from edgewright.ops.conv import Conv
from edgewright.ops.fused import FusedUnary
from edgewright.ops.lowering import quant_of
from edgewright.ops.min_max import MinMax
from edgewright.ops.mul import Mul
from edgewright.ops.onnx_node import Unsupported
from edgewright.ops.pad import Pad
from edgewright.ops.pool import AveragePool, MaxPool
from edgewright.ops.reduce import Reduce
from edgewright.ops.reshape import Reshape
from edgewright.ops.slice import Slice
from edgewright.ops.transpose import Transpose
from edgewright.ops.unary import Unary
from edgewright.train.fixed_point import (
    CONTRACTS,
    EXACT_FLOAT32,
    Lowered,
    quantize,
    requantize,
    straight,
    under,
)
from edgewright.train.operators import FLOAT, float_result, window_sums
from edgewright.train.torch_graph import Layer, TorchGraph
from edgewright.train.weight_scales import narrow_scales

#: Operations whose result is some of their operands' numbers, and those of which every number is its own.
MOVING = (Reshape, Transpose, Slice, Concat, MaxPool)
ELEMENT_WISE = (Add, Mul, MinMax, Unary, FusedUnary, Clip)


class IntegerGraph(TorchGraph):
    """A graph with a scale on every value, run by the arithmetic of its integer contracts.

    bits: of the weights, 8 or 4; layers that bring scales of their own keep them, and stay narrow where they are.
    Scales of activations are fixed; those of 8-bit weights follow the weights.

    Raises:
        UnsupportedError: nodes that cannot be trained through in integers, all of them.
    """

    def __init__(self, graph: Graph[Op], bits: int) -> None:
        super().__init__(_with_float32_scales(graph))
        self._bits = bits
        self._lowered: dict[Node[Op], Lowered] = {}
        reasons = [
            f"'{n.name}' ({n.op.mnemonic}): {r}" for n in self.graph.nodes if (r := self._refusal(n)) is not None
        ]
        if reasons:
            raise UnsupportedError(graph.name, reasons)
        self._widths = {layer.weights: self._most(layer) for layer in self.layers}
        self._fixed = {layer.weights: self._fixed_scales(layer) for layer in self.layers}

    def _refusal(self, node: Node[Op]) -> str | None:
        if node in self._by_node:
            names = [name for layer in self.layers for name in (layer.weights, layer.bias)]
            own = self._by_node[node]
            alone = names.count(own.weights) == 1 and (own.bias is None or names.count(own.bias) == 1)
            return None if alone else "shares its weights with another layer, which may have other scales"
        if isinstance(node.op, (*MOVING, AveragePool, Reduce)):
            return None
        if isinstance(node.op, Pad) and node.op.value == 0.0:
            return None
        if not isinstance(node.op, ELEMENT_WISE):
            return "cannot be trained through in integers yet"
        try:
            self._lowered[node] = Lowered(node)
        except (Unsupported, OverflowError, ValueError) as error:
            return str(error)
        known = all(type(contract) in CONTRACTS for contract in self._lowered[node].contracts)
        return None if known else "cannot be trained through in integers yet"

    # ---- weights ----

    def _fixed_scales(self, layer: Layer) -> np.ndarray | None:
        """Scales [n] that stay as they are, and the weights are cut to what they reach; None for those that follow."""
        weights = layer.node.operand(1)
        own = weights.weight_scales
        if own is None and self._bits == 8:
            return None
        parameter, x_scale = self.parameters[layer.weights], quant_of(layer.node.operand(0)).scale
        assert weights.data is not None
        if own is None:
            own = narrow_scales(weights.data, self._bias(layer).detach().numpy(), x_scale)
        scales: np.ndarray = np.broadcast_to(own, (len(weights.data),)).astype(np.float64)
        with torch.no_grad():
            most = (self._widths[layer.weights] * torch.as_tensor(scales)).float().view(-1, *[1] * (parameter.ndim - 1))
            parameter.copy_(torch.maximum(torch.minimum(parameter, most), -most))
        return scales

    def _most(self, layer: Layer) -> int:
        """The largest magnitude of a whole weight."""
        value = layer.node.operand(1)
        if value.weight_scales is None or value.data is None:
            return 127 if self._bits == 8 else W4_MAX
        scales = np.broadcast_to(value.weight_scales, (len(value.data),)).reshape(-1, *[1] * (value.data.ndim - 1))
        return W4_MAX if np.abs(np.rint(value.data / scales)).max(initial=0) <= W4_MAX else 127

    def _bias(self, layer: Layer) -> Tensor:
        if layer.bias is None:
            return torch.zeros(len(self.parameters[layer.weights]))
        return self.parameters[layer.bias]

    def _scales(self, layer: Layer) -> np.ndarray:
        """float64 [n]."""
        fixed = self._fixed[layer.weights]
        if fixed is not None:
            return fixed
        real = [v.detach().double().numpy() for v in (self.parameters[layer.weights], self._bias(layer))]
        return channel_scales(real[0], real[1], quant_of(layer.node.operand(0)).scale)

    def _whole(self, layer: Layer) -> tuple[Tensor, Tensor, np.ndarray]:
        """Weights as float32 and biases as float64 whole numbers, with gradients, and the scales of the weights."""
        scales, most = self._scales(layer), self._widths[layer.weights]
        weights, bias = self.parameters[layer.weights], self._bias(layer)
        along = torch.as_tensor(scales).view(-1, *[1] * (weights.ndim - 1))
        real = weights.double() / along  # what saturates keeps its gradient, so that it finds back
        whole = torch.clamp(torch.round(real), -most, most)
        step = torch.as_tensor(quant_of(layer.node.operand(0)).scale * scales)
        steps = torch.clamp(bias.double() / step, -BIAS_LIMIT, BIAS_LIMIT)
        return straight(whole, real).float(), straight(torch.round(steps), steps), scales

    # ---- what nodes compute ----

    def entering(self, value: Value, x: Tensor) -> Tensor:
        return quantize(x, quant_of(value))

    def leaving(self, value: Value, y: Tensor) -> Tensor:
        return y * torch.tensor(quant_of(value).scale, dtype=torch.float32)

    def result(self, node: Node[Op], operands: Sequence[Tensor]) -> Tensor:
        if node in self._by_node:
            return self._linear(self._by_node[node], operands[0])
        if isinstance(node.op, AveragePool):
            return self._pooled(node, node.op, operands[0])
        if isinstance(node.op, Reduce) and node.op.function in ("mean", "sum"):
            return self._reduced(node, node.op, operands[0])
        if node in self._lowered:
            return self._element_wise(node, operands)
        want = quant_of(node.output)
        moved = [under(x, quant_of(v), want) for x, v in zip(operands, node.inputs, strict=True) if v is not None]
        return FLOAT[type(node.op)](node.op, moved)

    def _linear(self, layer: Layer, x: Tensor) -> Tensor:
        node = layer.node
        weights, bias, scales = self._whole(layer)
        factor = quant_of(node.operand(0)).scale * scales / quant_of(node.output).scale
        reach = float((weights.detach().abs().flatten(1).sum(1).double() * 255 + bias.detach().abs()).max())
        kind = torch.float32 if reach < EXACT_FLOAT32 else torch.float64
        acc = FLOAT[type(node.op)](node.op, [x.to(kind), weights.to(kind), bias.to(kind)])
        along = (1, -1, 1, 1) if isinstance(node.op, Conv) else (-1,)
        fixed = multiplier(factor)
        mult = torch.as_tensor(fixed.mult.astype(np.int64)).view(along)
        return self._rescaled(node, acc, mult, fixed.shift, torch.as_tensor(factor).view(along))

    def _pooled(self, node: Node[Op], op: AveragePool, x: Tensor) -> Tensor:
        counts = op.counts(x.shape[2], x.shape[3])
        first, last = int(counts.min()), int(counts.max())
        ratio = quant_of(node.operand(0)).scale / (quant_of(node.output).scale * np.arange(first, last + 1))
        fixed = multiplier(ratio)
        mult, factor = (torch.as_tensor(v[counts - first]) for v in (fixed.mult.astype(np.int64), ratio))
        return self._rescaled(node, window_sums(op, x), mult, fixed.shift, factor)

    def _reduced(self, node: Node[Op], op: Reduce, x: Tensor) -> Tensor:
        n = int(np.prod([x.shape[axis] for axis in op.axes]))
        ratio = quant_of(node.operand(0)).scale / (quant_of(node.output).scale * (n if op.function == "mean" else 1))
        fixed = multiplier(ratio)
        total = x.double().sum(dim=op.axes, keepdim=True) if op.axes else x
        mult = torch.as_tensor(fixed.mult.astype(np.int64))
        return self._rescaled(node, total, mult, fixed.shift, torch.tensor(ratio))

    def _rescaled(self, node: Node[Op], acc: Tensor, mult: Tensor, shift: int, factor: Tensor) -> Tensor:
        """An accumulator, whole numbers, as the output of its node."""
        quant = quant_of(node.output)
        low, high = node.op.clamp.bounds(quant)  # type: ignore[attr-defined]  # all that accumulate have one
        whole = requantize(acc.detach().to(torch.int64), mult, shift, quant.zero, low, high) - quant.zero
        real = torch.clamp(acc * factor.to(acc.dtype), low - quant.zero, high - quant.zero)
        return straight(whole.float(), real.float())

    def _element_wise(self, node: Node[Op], operands: Sequence[Tensor]) -> Tensor:
        values = [v for v in node.inputs if v is not None]
        quant = quant_of(node.output)
        pairs = list(zip(values, operands, strict=True))
        whole = self._lowered[node]([x.detach().to(torch.int64) + quant_of(v).zero for v, x in pairs if not v.is_const])
        real = float_result(node, [x if v.is_const else self.leaving(v, x) for v, x in pairs]) / quant.scale
        real = torch.clamp(real, -128 - quant.zero, 127 - quant.zero)
        return straight((whole - quant.zero).float(), real)

    # ---- back into the graph ----

    def stored(self) -> Graph[Op]:
        """The graph with its weights as they are rounded, and their scales."""
        graph = super().stored()
        scales = {layer.weights: self._scales(layer) for layer in self.layers}
        for value in graph.values():
            if value.name in scales:
                value.weight_scales, value.weight_axis = scales[value.name], 0
        return graph

    def contents(self, name: str) -> np.ndarray:
        """A parameter rounded as it is in integers."""
        layer = next(v for v in self.layers if name in (v.weights, v.bias))
        with torch.no_grad():
            weights, bias, scales = self._whole(layer)
        if name == layer.bias:
            steps = quant_of(layer.node.operand(0)).scale * scales
            return np.asarray(bias.numpy() * steps, dtype=np.float32)
        return np.asarray(weights.numpy() * scales.reshape(-1, *[1] * (weights.ndim - 1)), dtype=np.float32)


def _with_float32_scales(graph: Graph[Op]) -> Graph[Op]:
    """A copy whose activations have scales that a QDQ model can say, which holds them as float32."""
    copy = clone(graph)
    for value in copy.values():
        if value.quant is not None:
            value.quant = Quant(float(np.float32(value.quant.scale)), value.quant.zero)
    return copy
