"""Brings channels of very large weights down to the size of their neighbours; the next layer makes up for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgewright.ir import Graph, Node, Value
from edgewright.ir.builder import Builder
from edgewright.ops import Op
from edgewright.ops.conv import Conv
from edgewright.ops.dense import Dense
from edgewright.passes.base import only_reader

#: A channel is too large when its largest weight is so many times the median of the channels'.
UNEQUAL = 16.0


def equalize_channels(graph: Graph[Op]) -> int:
    """Divide a channel's weights and bias by what the next layer multiplies its weights for that channel with.

    One scale serves all channels of a value, so that one channel with weights 10,000 times the others takes all of its
    steps. Between two layers with nothing but a Relu in between the product is the same. No factor is so large that it
    would widen the range of the next layer's weights. The number of channels that changed.

    Source: M. Nagel and others, "Data-Free Quantization Through Weight Equalization and Bias Correction", 2019, 4.1.
    """
    readers = graph.consumer_map()
    return sum(_equalize(graph, node, only_reader(graph, node.outputs[0], readers)) for node in graph.nodes)


def _equalize(graph: Graph[Op], first: Node[Op], second: Node[Op] | None) -> int:
    if second is None or not _is_layer(first) or not _is_layer(second) or second.operand(0) is not first.output:
        return 0
    clamp = first.op.clamp  # type: ignore[attr-defined]
    homogeneous = clamp.is_identity or (clamp.low in (0.0, -np.inf) and clamp.high == np.inf)
    same_axis = isinstance(first.op, Dense) == isinstance(second.op, Dense)
    if not homogeneous or not same_axis or first.output.quant is not None:
        return 0
    own, read = _weights(first), _weights(second)
    grouped = isinstance(second.op, Conv) and second.op.groups > 1
    if own is None or read is None or (grouped and read.shape[1] > 1):
        return 0
    factors = _factors(_largest(own, 0), _largest(read, 0 if grouped else 1))
    if np.all(factors == 1.0):
        return 0
    _set_weights(graph, first, own / factors.reshape(-1, *[1] * (own.ndim - 1)), factors)
    along = [1] * read.ndim
    along[0 if grouped else 1] = -1
    _set_weights(graph, second, read * factors.reshape(along), None)
    return int((factors != 1.0).sum())


def _is_layer(node: Node[Op]) -> bool:
    return isinstance(node.op, Conv | Dense)


def _weights(node: Node[Op]) -> np.ndarray | None:
    """Float64 weights [out, in, ...]; None where they bring scales of their own."""
    value = node.operand(1)
    return None if value.data is None or value.weight_scales is not None else value.data.astype(np.float64)


def _largest(weights: np.ndarray, axis: int) -> np.ndarray:
    largest: np.ndarray = np.abs(weights).max(axis=tuple(a for a in range(weights.ndim) if a != axis))
    return largest


def _factors(own: np.ndarray, read: np.ndarray) -> np.ndarray:
    """By how much each channel is too large, as far as the weights that read it may grow; 1 for the others."""
    median = float(np.median(own[own > 0])) if np.any(own > 0) else 0.0
    large = (own > UNEQUAL * median) & (read > 0)
    if median == 0.0 or not large.any():
        return np.ones_like(own)
    room = np.divide(read.max(), read, out=np.ones_like(read), where=read > 0)
    factors: np.ndarray = np.where(large, np.maximum(np.minimum(own / median, room), 1.0), 1.0)
    return factors


def _set_weights(graph: Graph[Op], node: Node[Op], weights: np.ndarray, bias_factors: np.ndarray | None) -> None:
    build, old = Builder(graph, node.name), node.operand(1)
    node.inputs[1] = _like(build, old, weights)
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    if bias is not None and bias.data is not None and bias_factors is not None:
        node.inputs[2] = _like(build, bias, bias.data.astype(np.float64) / bias_factors)


def _like(build: Builder, old: Value, data: np.ndarray) -> Value:
    return replace(old, name=build.name(old.name), data=data.astype(np.float32))
