"""Folds scales and offsets per channel (BatchNormalization, Mul, Add, Sub) into the layer before."""

from __future__ import annotations

import numpy as np

from edgewright.ir import Graph, Node, Value
from edgewright.ir.builder import Builder
from edgewright.ops.add import Add
from edgewright.ops.conv import Conv
from edgewright.ops.dense import Dense
from edgewright.ops.mul import Mul
from edgewright.ops.reshape import Reshape


def fold_affine(graph: Graph) -> int:
    """Conv or Dense, then Mul, Add or Sub by a constant per channel: one Conv or Dense."""
    folded = 0
    for node in list(graph.nodes):
        if isinstance(node.op, Add | Mul) and node.op.clamp.is_identity and node in graph.nodes:
            folded += _fold_into_producer(graph, node)
    return folded


def _fold_into_producer(graph: Graph, node: Node) -> int:
    parts = _dynamic_and_constant(node)
    if parts is None:
        return 0
    x, constant, constant_first = parts
    layer = _layer_before(graph, x)
    if layer is None:
        return 0
    channels = layer.operand(1).shape[0]
    axis = 1 if isinstance(layer.op, Conv) else len(x.shape) - 1
    vector = channel_vector(constant, x.shape, axis, channels)
    if vector is None or node.output.shape != x.shape:
        return 0
    if isinstance(node.op, Mul):
        scale, offset = vector, np.zeros(channels)
    elif node.op.sign == 1:
        scale, offset = np.ones(channels), vector
    else:
        scale, offset = (-np.ones(channels), vector) if constant_first else (np.ones(channels), -vector)
    _apply(graph, layer, scale, offset)
    graph.replace_uses(node.output, x)
    if node.output.quant is not None:
        x.quant = node.output.quant
    graph.remove(node)
    return 1


def _dynamic_and_constant(node: Node) -> tuple[Value, np.ndarray, bool] | None:
    a, b = node.inputs
    if a is not None and b is not None and b.data is not None and not a.is_const:
        return a, b.data, False
    if a is not None and b is not None and a.data is not None and not b.is_const:
        return b, a.data, True
    return None


def _layer_before(graph: Graph, x: Value) -> Node | None:
    """The Conv or Dense that makes `x`, seen through reshapes that keep the channel axis; None when shared."""
    readers = graph.consumer_map()
    while True:
        if len(readers.get(x, [])) != 1 or graph.is_output(x) or x.quant is not None:
            return None
        node = graph.producer(x)
        if node is None:
            return None
        if isinstance(node.op, Conv | Dense):
            return node if node.op.clamp.is_identity else None
        source = node.inputs[0]
        if not isinstance(node.op, Reshape) or source is None or source.shape[:2] != x.shape[:2] or len(x.shape) < 3:
            return None
        x = source


def channel_vector(constant: np.ndarray, shape: tuple[int, ...], axis: int, channels: int) -> np.ndarray | None:
    """`constant` as one float64 per channel along `axis` of `shape`; None when it varies along another axis."""
    if constant.ndim > len(shape):
        return None
    aligned = constant.reshape((1,) * (len(shape) - constant.ndim) + constant.shape)
    if any(n != 1 for i, n in enumerate(aligned.shape) if i != axis):
        return None
    return np.broadcast_to(aligned.reshape(-1), (channels,)).astype(np.float64) if aligned.size in (1, channels) else None


def _apply(graph: Graph, layer: Node, scale: np.ndarray, offset: np.ndarray) -> None:
    weights, bias = layer.operand(1), layer.inputs[2] if len(layer.inputs) > 2 else None
    assert weights.data is not None
    build = Builder(graph, layer.name)
    old = np.zeros(len(scale)) if bias is None or bias.data is None else bias.data.astype(np.float64)
    new_weights = weights
    if np.any(scale != 1.0):
        spread = scale.reshape(-1, *[1] * (weights.data.ndim - 1))
        new_weights = build.const((weights.data * spread).astype(np.float32), weights.name)
    new_bias = build.const((old * scale + offset).astype(np.float32), f"{layer.name}.bias")
    layer.inputs = [layer.inputs[0], new_weights, new_bias]
