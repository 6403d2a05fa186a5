"""Removes channels that carry nothing: constant ones and ones that nobody reads."""

from __future__ import annotations

import numpy as np

from edgewright.ir import Graph, Value
from edgewright.ir.builder import Builder
from edgewright.ops import Op
from edgewright.passes.channel_bounds import Bounds, bounds_of_read, channel_bounds
from edgewright.passes.channel_cut import cut_channels, spared, with_data
from edgewright.passes.channel_rules import trace_channels
from edgewright.passes.channel_trace import BLOCKED, ChannelTrace, Read

#: Activations are taken to be smaller than this, where a weight is judged to be too small to matter.
ACTIVATION_LIMIT = 2.0**16


def remove_dead_channels(graph: Graph[Op]) -> int:
    """Fold constant channels into the biases behind them, and drop them and those that nobody reads.

    A channel is constant when its bounds meet: its weights are zero, or its clamp leaves one value. It goes, with all
    that is tied to it, when every layer that reads it has zero weights for it or can take it as a bias. A constant
    other than zero cannot be taken where padding stands beside it, or where it has been quantized. Repeated until
    nothing changes; the number of channels dropped. Outputs stay the same up to float rounding.
    """
    clear_negligible_weights(graph)
    dropped = 0
    while True:
        trace = trace_channels(graph)
        bounds = channel_bounds(trace)
        removed = spared(trace, _removable(trace, bounds))
        if not removed.any():
            return dropped
        for read in trace.reads:
            _fold(graph, read, bounds_of_read(trace, read, bounds), removed[trace.roots(read.labels)])
        dropped += sum(int(removed[trace.roots(write.labels)].sum()) for write in trace.writes)
        cut_channels(trace, removed)


def clear_negligible_weights(graph: Graph[Op]) -> int:
    """Set weights to zero that cannot change their channel's float32 sum; the number of layers changed.

    Training with weight decay leaves weights of 1e-30 in channels that died. All such weights of a channel together
    move a bias by less than half of its last place (2^-25 of it) while activations stay below ACTIVATION_LIMIT.
    """
    changed = 0
    for write in trace_channels(graph).writes:
        node, bias = write.node, write.node.inputs[2] if len(write.node.inputs) > 2 else None
        weights = node.operand(1)
        if write.axis != 0 or bias is None or bias.data is None or weights.data is None:
            continue
        count = weights.size // weights.shape[0]
        least = np.abs(bias.data.astype(np.float64)) * 2.0**-25 / (ACTIVATION_LIMIT * count)
        negligible = np.abs(weights.data) <= least.reshape(-1, *[1] * (len(weights.shape) - 1))
        if np.any(negligible & (weights.data != 0)):
            data = np.where(negligible, np.float32(0), weights.data)
            node.inputs[1] = with_data(graph, weights, data)
            changed += 1
    return changed


def _removable(trace: ChannelTrace, bounds: dict[Value, Bounds]) -> np.ndarray:
    """Which groups can go (bool [labels], by root): every read of each of their channels can do without it."""
    removable = np.ones(trace.size, dtype=bool)
    roots = trace.roots(np.arange(trace.size))
    removable[BLOCKED] = False
    for read in trace.reads:
        removable[roots[read.labels[~_dispensable(read, bounds_of_read(trace, read, bounds))]]] = False
    by_label: np.ndarray = removable[roots]
    return by_label


def _dispensable(read: Read, bounds: Bounds) -> np.ndarray:
    """Which input channels of a layer have zero weights, or a constant that its bias can take."""
    x = read.node.operand(0)
    unread = ~read.kernels.any(axis=(1, 3)).reshape(-1)
    constant = bounds.constant
    exact = constant == 0.0
    if read.uniform and x.quant is None:
        exact |= np.isfinite(constant)
    dispensable: np.ndarray = unread | exact
    return dispensable


def _fold(graph: Graph[Op], read: Read, bounds: Bounds, removed: np.ndarray) -> None:
    """Add what the removed channels contribute to the bias of the layer that reads them."""
    taken = np.where(removed, np.nan_to_num(bounds.constant), 0.0)
    groups, _, in_g, _ = read.kernels.shape
    sums = np.einsum("goit,gi->go", read.kernels.astype(np.float64), taken.reshape(groups, in_g)).reshape(-1)
    if not sums.any():
        return
    node = read.node
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    if bias is None:
        data = sums.astype(np.float32)
        node.inputs = [*node.inputs[:2], Builder(graph).const(data, f"{node.output.name}.bias")]
        return
    assert bias.data is not None
    node.inputs[2] = with_data(graph, bias, (bias.data + sums).astype(np.float32))
