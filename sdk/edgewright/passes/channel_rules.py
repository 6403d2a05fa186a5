"""How labels of channels pass through each family of operations; see `channel_trace`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from edgewright.ir import Graph, Node
from edgewright.ops import Op
from edgewright.ops.arg_max import ArgMax
from edgewright.ops.clip import Clip
from edgewright.ops.compare import Compare
from edgewright.ops.concat import Concat
from edgewright.ops.conv import Conv
from edgewright.ops.conv_transpose import ConvTranspose
from edgewright.ops.dense import Dense
from edgewright.ops.depth_space import DepthToSpace
from edgewright.ops.elementwise import Binary
from edgewright.ops.fused import FusedUnary
from edgewright.ops.gather import Gather
from edgewright.ops.layer_norm import LayerNorm
from edgewright.ops.min_max import MinMax
from edgewright.ops.pad import Pad
from edgewright.ops.pool import Pool
from edgewright.ops.prelu import PRelu
from edgewright.ops.reduce import Reduce
from edgewright.ops.reshape import Reshape
from edgewright.ops.resize import Resize
from edgewright.ops.slice import Slice
from edgewright.ops.softmax import OverAxis
from edgewright.ops.tile import Tile
from edgewright.ops.transpose import Transpose
from edgewright.ops.unary import Unary
from edgewright.passes.channel_trace import BLOCKED, Channels, ChannelTrace, Cut, Read, Write

#: Gives the channels of each output of a node, and notes in the trace what the node does with those of its inputs.
Rule = Callable[[ChannelTrace, Node[Any]], list[Channels]]


def trace_channels(graph: Graph[Op]) -> ChannelTrace:
    """The channels of a float graph in ONNX semantics (NCHW) and how they depend on each other."""
    trace = ChannelTrace(graph)
    for value in graph.inputs:
        trace.channels[value] = trace.blocked(value.shape)
    for node in graph.nodes:
        rule = next((rule for kind, rule in RULES.items() if isinstance(node.op, kind)), _unknown)
        if getattr(node.op, "channels_last", False) or reads_scalar(node):
            rule = _unknown
        for value, channels in zip(node.outputs, rule(trace, node), strict=True):
            trace.channels[value] = channels
    for value in graph.outputs:
        trace.block(value)
    return trace


def reads_scalar(node: Node[Op]) -> bool:
    """Whether the node computes with a value without axes, which has no channels."""
    return any(v is not None and not v.is_const and not v.shape for v in node.inputs)


def _unknown(trace: ChannelTrace, node: Node[Op]) -> list[Channels]:
    """An operation without a rule needs everything it reads."""
    for value in node.inputs:
        trace.block(value)
    return [trace.blocked(value.shape) for value in node.outputs]


# ---- linear layers ----


def _conv(trace: ChannelTrace, node: Node[Conv]) -> list[Channels]:
    """New channels; a depthwise one passes its channels on; groups keep equal sizes by losing the same positions."""
    op, x, w = node.op, node.operand(0), node.operand(1)
    assert w.data is not None
    labels = trace.along(x, 1)
    out_c, in_g = w.shape[:2]
    if in_g == 1 and op.groups > 1:
        out = np.repeat(labels, out_c // op.groups)
    else:
        for group in range(1, op.groups):
            trace.tie(labels[group * in_g : (group + 1) * in_g], labels[:in_g])
        kernels = w.data.reshape(op.groups, out_c // op.groups, in_g, -1)
        trace.reads.append(Read(node, 1, labels, 1, kernels, uniform=not any(op.window.pads)))
        trace.cuts.append(Cut(node, 1, 1, labels[:in_g]))
        out = np.tile(trace.fresh(out_c // op.groups), op.groups)
    return [_written(trace, node, 1, out)]


def _dense(trace: ChannelTrace, node: Node[Op]) -> list[Channels]:
    """New channels along the last axis."""
    w = node.operand(1)
    assert w.data is not None
    last = len(node.operand(0).shape) - 1
    labels = trace.along(node.operand(0), last)
    trace.reads.append(Read(node, last, labels, 1, w.data[None, :, :, None], uniform=True))
    trace.cuts.append(Cut(node, 1, 1, labels))
    return [_written(trace, node, last, trace.fresh(w.shape[0]))]


def _conv_transpose(trace: ChannelTrace, node: Node[ConvTranspose]) -> list[Channels]:
    """New channels; the weights are [in_c, out_g, ...], so that groups lose the same positions."""
    op, w = node.op, node.operand(1)
    assert w.data is not None
    labels = trace.along(node.operand(0), 1)
    in_g, out_g = w.shape[0] // op.groups, w.shape[1]
    for group in range(1, op.groups):
        trace.tie(labels[group * in_g : (group + 1) * in_g], labels[:in_g])
    kernels = w.data.reshape(op.groups, in_g, out_g, -1).transpose(0, 2, 1, 3)
    trace.reads.append(Read(node, 1, labels, 0, kernels, uniform=False))
    trace.cuts.append(Cut(node, 1, 0, labels))
    return [_written(trace, node, 1, np.tile(trace.fresh(out_g), op.groups), weight_axis=1)]


def _written(trace: ChannelTrace, node: Node[Op], axis: int, labels: np.ndarray, weight_axis: int = 0) -> Channels:
    """Output channels `labels` along `axis`, which lie along `weight_axis` of the weights."""
    trace.writes.append(Write(node, labels, weight_axis))
    trace.cuts.append(Cut(node, 1, weight_axis, labels[: node.operand(1).shape[weight_axis]]))
    if len(node.inputs) > 2 and node.inputs[2] is not None:
        trace.cuts.append(Cut(node, 2, 0, labels))
    return Channels(axis, labels)


# ---- element by element ----


def _unary(trace: ChannelTrace, node: Node[Op]) -> list[Channels]:
    return [trace.channels[node.operand(0)]]


def _binary(trace: ChannelTrace, node: Node[Op]) -> list[Channels]:
    """Operands of the same size along the axis of the output are tied; constants are cut with it."""
    shape = node.output.shape
    rank = len(shape)
    operands = [(i, v, rank - len(v.shape)) for i, v in enumerate(node.inputs) if v is not None]
    dynamic = [(v, trace.channels[v].axis + lead) for _, v, lead in operands if not v.is_const]
    if not dynamic:
        return _unknown(trace, node)
    axis = max(dynamic, key=lambda item: len(trace.channels[item[0]].labels))[1]
    labels = np.full(shape[axis], -1)
    for index, value, lead in operands:
        size = value.shape[axis - lead] if axis >= lead else 1
        if value.is_const:
            if size > 1:
                trace.cuts.append(Cut(node, index, axis - lead, labels))
        elif size != shape[axis]:
            trace.block(value)
        else:
            own = trace.along(value, axis - lead)
            if labels[0] < 0:
                labels[:] = own
            else:
                trace.tie(own, labels)
    if labels[0] < 0:  # One channel of the operands is spread over several.
        labels[:] = BLOCKED
    return [Channels(axis, labels)]


# ---- spatial operations and reductions ----


def _spatial(trace: ChannelTrace, node: Node[Op]) -> list[Channels]:
    """Each channel of [1, c, h, w] by itself."""
    return [Channels(1, trace.along(node.operand(0), 1))]


def _reduce(trace: ChannelTrace, node: Node[Reduce]) -> list[Channels]:
    return _along_other_axes(trace, node, node.op.axes)


def _arg_max(trace: ChannelTrace, node: Node[ArgMax]) -> list[Channels]:
    return _along_other_axes(trace, node, (node.op.axis,))


def _layer_norm(trace: ChannelTrace, node: Node[LayerNorm]) -> list[Channels]:
    rank = len(node.output.shape)
    return _along_other_axes(trace, node, tuple(range(rank - node.op.rank, rank)))


def _softmax(trace: ChannelTrace, node: Node[OverAxis]) -> list[Channels]:
    return _along_other_axes(trace, node, node.op.axes(len(node.output.shape)))


def _along_other_axes(trace: ChannelTrace, node: Node[Op], axes: tuple[int, ...]) -> list[Channels]:
    """An operation that mixes what lies along `axes`, or changes their sizes, and keeps the others."""
    channels = trace.channels[node.operand(0)]
    return _unknown(trace, node) if channels.axis in axes else [channels]


# ---- movement of data ----


def _pad(trace: ChannelTrace, node: Node[Pad]) -> list[Channels]:
    padded = tuple(a for a, n in enumerate(zip(node.op.before, node.op.after, strict=True)) if any(n))
    return _along_other_axes(trace, node, padded)


def _slice(trace: ChannelTrace, node: Node[Slice]) -> list[Channels]:
    """What is left of every second channel after a cut is no slice any more."""
    axis = trace.channels[node.operand(0)].axis
    return _movement(trace, node) if abs(node.op.steps[axis]) == 1 else _unknown(trace, node)


def _movement(trace: ChannelTrace, node: Node[Op]) -> list[Channels]:
    """Labels go where the elements go: the operation moves an array of labels.

    The output is cut along the axis that leaves the most groups, or the only one that the operation knows as channels;
    labels that share an index of it are tied.
    """
    moved = node.op.evaluate(*[None if v is None else _spread(trace, node, i) for i, v in enumerate(node.inputs)])
    forced = 1 if isinstance(node.op, DepthToSpace) else None
    return [_along_one_axis(trace, np.asarray(labels).astype(np.int64), forced) for labels in moved]


def _spread(trace: ChannelTrace, node: Node[Op], index: int) -> np.ndarray:
    value = node.operand(index)
    if value.is_const:
        return np.full(value.shape, BLOCKED, dtype=np.float32)
    channels = trace.channels[value]
    along = [1] * len(value.shape)
    along[channels.axis] = -1
    return np.broadcast_to(channels.labels.reshape(along).astype(np.float32), value.shape)


def _along_one_axis(trace: ChannelTrace, labels: np.ndarray, forced: int | None) -> Channels:
    if labels.ndim == 0 or not labels.any():
        trace.tie(labels, BLOCKED)
        return trace.blocked(labels.shape)
    roots = trace.roots(labels)
    axis = max(range(labels.ndim), key=lambda a: (_groups_along(roots, a), a == 1)) if forced is None else forced
    rows = _rows(labels, axis)
    for row in rows[_mixed(rows)]:
        trace.tie(np.unique(row), int(row[0]))
    return Channels(axis, rows[:, 0])


def _rows(labels: np.ndarray, axis: int) -> np.ndarray:
    return np.moveaxis(labels, axis, 0).reshape(labels.shape[axis], -1)


def _mixed(rows: np.ndarray) -> np.ndarray:
    """Which rows hold more than one label."""
    mixed: np.ndarray = rows.min(axis=1) != rows.max(axis=1)
    return mixed


def _groups_along(labels: np.ndarray, axis: int) -> int:
    """Groups that remain when labels at one index of `axis` are tied."""
    rows = _rows(labels, axis)
    groups = [set(np.unique(row).tolist()) for row in rows[_mixed(rows)]]
    alone = set(rows[~_mixed(rows)][:, 0].tolist())
    merged: list[set[int]] = []
    for group in groups:
        touching = [other for other in merged if other & group]
        merged = [other for other in merged if not other & group]
        merged.append(group.union(*touching))
    return len(merged) + len(alone.difference(*merged))


#: Operations that only move elements; they move labels and bounds just as well.
MOVEMENTS: tuple[type, ...] = (Reshape, Transpose, Concat, Slice, Gather, Tile, DepthToSpace)

RULES: dict[type, Rule] = {
    Conv: _conv,
    Dense: _dense,
    Binary: _binary,
    MinMax: _binary,
    PRelu: _binary,
    Clip: _unary,
    Compare: _unary,
    Unary: _unary,
    FusedUnary: _unary,
    Pool: _spatial,
    Resize: _spatial,
    Reduce: _reduce,
    OverAxis: _softmax,
    ArgMax: _arg_max,
    LayerNorm: _layer_norm,
    ConvTranspose: _conv_transpose,
    Pad: _pad,
    **dict.fromkeys(MOVEMENTS, _movement),
    Slice: _slice,
}
