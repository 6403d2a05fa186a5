"""Which channels can be cut, sorted into families whose members are alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edgewright.passes.channel_trace import BLOCKED, ChannelTrace


@dataclass(frozen=True, eq=False)
class Family:
    """Groups of channels that occur in the same values equally often, so that one can go as well as another.

    groups: roots of the trace's labels, int64 [n]. channels: how many output channels of layers go with one group.
    multiple: a common divisor of the channels that one group takes from each layer.
    """

    groups: np.ndarray
    channels: int
    multiple: int

    def step(self, round_to: int) -> int:
        """Groups that go together so that the layers keep multiples of `round_to` channels."""
        return round_to // math.gcd(round_to, self.multiple)


def families(trace: ChannelTrace) -> list[Family]:
    """All families that layers of the graph write, in order of the first label."""
    places: dict[int, list[tuple[int, int]]] = {}
    for index, roots in enumerate(trace.axes()):
        for root, count in zip(*np.unique(roots, return_counts=True), strict=True):
            places.setdefault(int(root), []).append((index, int(count)))
    written: dict[int, list[int]] = {}
    for write in trace.writes:
        for root, count in zip(*np.unique(trace.roots(write.labels), return_counts=True), strict=True):
            written.setdefault(int(root), []).append(int(count))
    alike: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for root in sorted(written.keys() - {BLOCKED}):
        alike.setdefault(tuple(places[root]), []).append(root)
    return [Family(np.array(roots), sum(written[roots[0]]), math.gcd(*written[roots[0]])) for roots in alike.values()]
