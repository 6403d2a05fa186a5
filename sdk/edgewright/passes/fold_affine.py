"""Folds scales and offsets per channel (BatchNormalization, Mul, Add, Sub) into the layer before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from edgewright.ir import Graph, Node, Value
from edgewright.ir.builder import Builder
from edgewright.ops import Op
from edgewright.ops.add import Add
from edgewright.ops.conv import Conv
from edgewright.ops.conv_transpose import ConvTranspose
from edgewright.ops.dense import Dense
from edgewright.ops.mul import Mul
from edgewright.ops.reshape import Reshape
from edgewright.passes.base import only_reader

#: Value -> the node that makes it. What has been removed may still be in it, for values that nobody reads any more.
Producers: TypeAlias = dict[Value, Node[Op]]


def fold_affine(graph: Graph[Op]) -> int:
    """Conv, ConvTranspose or Dense, then Mul, Add or Sub by a constant per channel: one layer."""
    producers = graph.producers()
    taken = graph.names()
    return sum(_fold_into_producer(graph, node, producers, taken) for node in list(graph.nodes))


@dataclass(frozen=True, eq=False)
class Affine:
    """x * scale + offset, one float64 each per channel."""

    x: Value
    scale: np.ndarray
    offset: np.ndarray


def affine_per_channel(node: Node[Op], op: Add | Mul, axis: int, channels: int) -> Affine | None:
    """What `op` of `node`, clamped or not, does to each channel along `axis`; None when it is not that."""
    operands = [v for v in node.inputs if v is not None]
    dynamic = [k for k, v in enumerate(operands) if not v.is_const]
    if len(dynamic) != 1 or operands[dynamic[0]].shape != node.output.shape:
        return None
    x, constant = operands[dynamic[0]], operands[1 - dynamic[0]].data
    assert constant is not None
    vector = channel_vector(constant, x.shape, axis, channels)
    if vector is None:
        return None
    if isinstance(op, Mul):
        return Affine(x, vector, np.zeros(channels))
    signs = (1, op.sign)
    return Affine(x, np.full(channels, signs[dynamic[0]], dtype=np.float64), vector * signs[1 - dynamic[0]])


def channel_vector(constant: np.ndarray, shape: tuple[int, ...], axis: int, channels: int) -> np.ndarray | None:
    """`constant` as one float64 per channel along `axis` of `shape`; None when it varies along another axis."""
    if constant.ndim > len(shape):
        return None
    aligned = constant.reshape((1,) * (len(shape) - constant.ndim) + constant.shape)
    if any(n != 1 for i, n in enumerate(aligned.shape) if i != axis) or aligned.size not in (1, channels):
        return None
    return np.broadcast_to(aligned.reshape(-1), (channels,)).astype(np.float64)


def _fold_into_producer(graph: Graph[Op], node: Node[Op], producers: Producers, taken: set[str]) -> int:
    if not isinstance(node.op, Add | Mul) or not node.op.clamp.is_identity:
        return 0
    x = next((v for v in node.inputs if v is not None and not v.is_const), None)
    layer = None if x is None else layer_before(graph, x, producers)
    if x is None or layer is None:
        return 0
    axis = len(x.shape) - 1 if isinstance(layer.op, Dense) else 1
    found = affine_per_channel(node, node.op, axis, x.shape[axis])
    if found is None:
        return 0
    _apply(layer, found, Builder(graph, layer.name, taken))
    graph.replace_uses(node.output, x)
    if node.output.quant is not None:
        x.quant = layer.output.quant = node.output.quant
    graph.remove(node)
    return 1


def layer_before(graph: Graph[Op], x: Value, producers: Producers) -> Node[Op] | None:
    """The layer that makes `x`, seen through reshapes that keep the channel axis; None when shared."""
    while True:
        node = producers.get(x)
        if node is None or x.quant is not None or not isinstance(node.op, Conv | ConvTranspose | Dense | Reshape):
            return None
        if only_reader(graph, x, {x: graph.consumers(x)}) is None:
            return None
        if not isinstance(node.op, Reshape):
            same_axis = not isinstance(node.op, Dense) or node.output.shape[-1] == x.shape[-1]
            return node if node.op.clamp.is_identity and same_axis else None
        source = node.inputs[0]
        if source is None or source.shape[:2] != x.shape[:2] or len(x.shape) < 3:
            return None
        x = source


def _apply(layer: Node[Op], affine: Affine, build: Builder) -> None:
    weights, bias = layer.operand(1), layer.inputs[2] if len(layer.inputs) > 2 else None
    assert weights.data is not None
    old = np.zeros(len(affine.scale)) if bias is None or bias.data is None else bias.data.astype(np.float64)
    scaled = weights
    if np.any(affine.scale != 1.0):
        spread = affine.scale.reshape(-1, *[1] * (weights.data.ndim - 1))
        if isinstance(layer.op, ConvTranspose):  # [in_c, out_c / groups, k_h, k_w]
            per_group = np.repeat(affine.scale.reshape(layer.op.groups, -1), len(weights.data) // layer.op.groups, 0)
            spread = per_group[:, :, None, None]
        scaled = build.const((weights.data * spread).astype(np.float32), weights.name)
    new_bias = build.const((old * affine.scale + affine.offset).astype(np.float32), f"{layer.name}.bias")
    layer.inputs = [layer.inputs[0], scaled, new_bias]
