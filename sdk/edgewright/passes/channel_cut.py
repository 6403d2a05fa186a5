"""Cuts groups of channels out of a graph, exactly where a `ChannelTrace` says they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from edgewright.ir import Graph, Node, Value
from edgewright.ir.builder import Builder
from edgewright.ops import Op
from edgewright.ops.conv import Conv
from edgewright.ops.fused import FusedUnary
from edgewright.ops.gather import Gather
from edgewright.ops.reshape import Reshape
from edgewright.ops.slice import Slice
from edgewright.passes.channel_trace import ChannelTrace

#: Which indices of the axis along which a value is cut stay: bool [size].
Kept = np.ndarray


def cut_channels(trace: ChannelTrace, removed: np.ndarray) -> None:
    """Rewrite the traced graph in place without the groups of `removed` (bool [labels], by root).

    The trace describes the graph as it was and is of no use after it.

    Raises:
        ValueError: a value would lose all its channels, or a rule of the trace and an operation do not agree.
    """
    graph = trace.graph
    kept = {value: ~removed[trace.roots(channels.labels)] for value, channels in trace.channels.items()}
    for value, keep in kept.items():
        if not keep.any():
            raise ValueError(f"{graph.name}: '{value.name}' would lose all its {keep.size} channels")
    _cut_constants(trace, removed)
    for node in graph.nodes:
        rule = RESIZE.get(type(node.op))
        if rule is not None:
            node.op = rule(trace, node, kept)
    for value, keep in kept.items():
        shape = list(value.shape)
        if shape:
            shape[trace.channels[value].axis] = int(keep.sum())
        value.shape = tuple(shape)
    _check_shapes(graph)


def spared(trace: ChannelTrace, removed: np.ndarray, last: Callable[[np.ndarray], int] | None = None) -> np.ndarray:
    """`removed` without what would leave some value with no channel: one group of it stays, `last` says which.

    last: picks an index from the roots of an axis; the first one when None.
    """
    removed = removed.copy()
    for roots in trace.axes():
        if removed[roots].all():
            removed[roots[0 if last is None else last(roots)]] = False
    return removed


def with_data(graph: Graph[Op], old: Value, data: np.ndarray) -> Value:
    """A constant with new contents for one reader of `old`; with a new name when others still read the old one."""
    name = old.name if len(graph.consumers(old)) == 1 else Builder(graph).name(old.name)
    return replace(old, name=name, data=data)


def _cut_constants(trace: ChannelTrace, removed: np.ndarray) -> None:
    cuts: dict[tuple[Node[Op], int], list[tuple[int, Kept]]] = {}
    for cut in trace.cuts:
        keep = ~removed[trace.roots(cut.labels)]
        if not keep.all():
            cuts.setdefault((cut.node, cut.index), []).append((cut.axis, keep))
    readers = trace.graph.consumer_map()
    build = Builder(trace.graph)
    for (node, index), sides in cuts.items():
        old = node.operand(index)
        assert old.data is not None
        data, scales = old.data, old.weight_scales
        for axis, keep in sides:
            data = np.compress(keep, data, axis=axis)
            if scales is not None and scales.size > 1 and axis == old.weight_axis:
                scales = scales[keep]
        shared = len(readers[old]) > 1
        name = build.name(old.name) if shared else old.name
        node.inputs[index] = Value(
            name, data.shape, old.dtype, np.ascontiguousarray(data), old.quant, scales, old.weight_axis
        )


def _check_shapes(graph: Graph[Op]) -> None:
    for node in graph.nodes:
        shapes = node.op.output_shapes(*[None if v is None else v.shape for v in node.inputs])
        for value, shape in zip(node.outputs, shapes, strict=False):
            if value.shape != tuple(shape):
                raise ValueError(
                    f"{graph.name}: '{node.name}' gives {list(shape)} after the cut, expected {list(value.shape)}"
                )


# ---- operations whose attributes count channels ----

ResizeRule = Callable[[ChannelTrace, Node[Any], dict[Value, Kept]], Op]


def _conv(trace: ChannelTrace, node: Node[Conv], kept: dict[Value, Kept]) -> Op:
    """A depthwise convolution has one group per channel; others keep their groups and lose positions in each."""
    depthwise = node.op.groups > 1 and node.operand(1).shape[1] == 1 and node.op.groups == kept[node.operand(0)].size
    return replace(node.op, groups=int(kept[node.operand(0)].sum())) if depthwise else node.op


def _reshape(trace: ChannelTrace, node: Node[Op], kept: dict[Value, Kept]) -> Op:
    shape = list(node.output.shape)
    if shape:
        shape[trace.channels[node.output].axis] = int(kept[node.output].sum())
    return Reshape(tuple(shape))


def _slice(trace: ChannelTrace, node: Node[Slice], kept: dict[Value, Kept]) -> Op:
    op, x, axis = node.op, node.operand(0), trace.channels[node.output].axis
    taken = (op.starts[axis] + op.steps[axis] * np.arange(op.counts[axis]))[kept[node.output]]
    starts, counts = list(op.starts), list(op.counts)
    starts[axis], counts[axis] = int(_moved(kept[x])[taken[0]]), len(taken)
    return Slice(tuple(starts), op.steps, tuple(counts))


def _gather(trace: ChannelTrace, node: Node[Gather], kept: dict[Value, Kept]) -> Op:
    op, x = node.op, node.operand(0)
    if op.axis != trace.channels[node.output].axis:
        return op
    taken = np.array(op.indices)[kept[node.output]]
    return Gather(op.axis, tuple(_moved(kept[x])[taken].tolist()))


def _moved(keep: Kept) -> np.ndarray:
    """Where each index that stays is after the cut."""
    positions: np.ndarray = np.cumsum(keep) - 1
    return positions


def _fused(trace: ChannelTrace, node: Node[FusedUnary], kept: dict[Value, Kept]) -> Op:
    """The body's values get the new shape; its constants are single numbers."""
    body, keep = node.op.body, kept[node.output]
    shape = list(node.output.shape)
    shape[trace.channels[node.output].axis] = int(keep.sum())
    new: dict[Value, Value] = {}
    for value in body.values():
        new[value] = value if value.is_const else replace_shape(value, tuple(shape))
    nodes = [
        Node(n.op, [None if v is None else new[v] for v in n.inputs], [new[v] for v in n.outputs], n.name)
        for n in body.nodes
    ]
    return FusedUnary(Graph(body.name, [new[v] for v in body.inputs], [new[v] for v in body.outputs], nodes))


def replace_shape(value: Value, shape: tuple[int, ...]) -> Value:
    """A copy of a computed value with another shape."""
    return Value(value.name, shape, value.dtype, None, value.quant, model_perm=value.model_perm)


RESIZE: dict[type, ResizeRule] = {Conv: _conv, Reshape: _reshape, Slice: _slice, Gather: _gather, FusedUnary: _fused}
