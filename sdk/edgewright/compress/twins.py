"""Channels that hold the same at every position, so that one can go without loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgewright.compress.families import Family
from edgewright.passes.channel_cut import with_data
from edgewright.passes.channel_trace import ChannelTrace


def twin_groups(trace: ChannelTrace, found: Sequence[Family]) -> dict[int, int]:
    """Group -> the group of its family that it equals: the constants of all layers that make them are the same."""
    read_weights = {(read.node, 1, read.weight_axis) for read in trace.reads}
    made = [cut for cut in trace.cuts if (cut.node, cut.index, cut.axis) not in read_weights]
    contents: dict[int, list[bytes]] = {}
    for cut in made:
        data = cut.node.operand(cut.index).data
        assert data is not None
        for root, row in zip(trace.roots(cut.labels).tolist(), np.moveaxis(data, cut.axis, 0), strict=True):
            contents.setdefault(root, []).append(row.tobytes())
    twins: dict[int, int] = {}
    for family in found:
        first: dict[tuple[bytes, ...], int] = {}
        for root in family.groups.tolist():
            known = first.setdefault(tuple(contents.get(root, [])), root)
            if known != root:
                twins[root] = known
    return twins


def fold_twins(trace: ChannelTrace, twins: dict[int, int]) -> None:
    """Let every layer read, in place of a channel that has a twin, that twin with the sum of both weights."""
    for read in trace.reads:
        weights = read.node.operand(1)
        assert weights.data is not None
        roots = trace.roots(read.labels[: weights.shape[read.weight_axis]])
        data = np.moveaxis(weights.data.astype(np.float64), read.weight_axis, 0)
        for root in np.unique(roots[np.isin(roots, list(twins))]).tolist():
            places, kept = np.flatnonzero(roots == root), np.flatnonzero(roots == twins[root])
            data[kept] += data[places]
            data[places] = 0.0
        if twins.keys() & set(roots.tolist()):
            folded = np.ascontiguousarray(np.moveaxis(data, 0, read.weight_axis), dtype=np.float32)
            read.node.inputs[1] = with_data(trace.graph, weights, folded)
