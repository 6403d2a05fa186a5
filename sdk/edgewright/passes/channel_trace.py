"""Which channels of which values belong together: what dead-channel removal and pruning both cut by.

Every value has one axis along which it may be cut, and a *label* for each index of it. A Conv or Dense gives its
output channels new labels; every other operation passes labels on, ties labels that can only go together (both sides
of a residual addition, the groups of a convolution), or blocks those it cannot do without. Labels tied to each other
form a *group*: it is cut everywhere or nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edgewright.ir import Graph, Node, Value
from edgewright.ops import Op

#: The label of what must stay: the graph's inputs and outputs, and what no rule can cut.
BLOCKED = 0


@dataclass(frozen=True, eq=False)
class Channels:
    """The labels along `axis` of a value: int64 [shape[axis]]."""

    axis: int
    labels: np.ndarray


@dataclass(frozen=True, eq=False)
class Cut:
    """Constant input `index` of a node has one entry per label along `axis`."""

    node: Node[Op]
    index: int
    axis: int
    labels: np.ndarray


@dataclass(frozen=True, eq=False)
class Read:
    """A linear layer mixes what its first input holds along `axis`.

    labels: of these, [groups * in_g]. weight_axis: where its weights have them (in_g of them, unless it is axis 0).
    kernels: the weights as [groups, out_g, in_g, taps]. uniform: every output position sees all taps on data, none
    on padding.
    """

    node: Node[Op]
    axis: int
    labels: np.ndarray
    weight_axis: int
    kernels: np.ndarray
    uniform: bool


@dataclass(frozen=True, eq=False)
class Write:
    """A linear layer gives its output channels `labels`; its weights have them along `axis`."""

    node: Node[Op]
    labels: np.ndarray
    axis: int


class ChannelTrace:
    """What the rules say about a graph.

    channels: of every value that is no constant. cuts, reads, writes: in the order of the nodes.
    """

    def __init__(self, graph: Graph[Op]) -> None:
        self.graph = graph
        self.channels: dict[Value, Channels] = {}
        self.cuts: list[Cut] = []
        self.reads: list[Read] = []
        self.writes: list[Write] = []
        self._parent = [BLOCKED]

    # ---- what rules call ----

    def fresh(self, count: int) -> np.ndarray:
        """`count` new labels."""
        first = len(self._parent)
        self._parent.extend(range(first, first + count))
        return np.arange(first, first + count)

    def blocked(self, shape: tuple[int, ...]) -> Channels:
        """The channels of a value that nobody may cut."""
        axis = 1 if len(shape) > 1 else 0
        return Channels(axis, np.full(shape[axis] if shape else 1, BLOCKED))

    def tie(self, a: np.ndarray, b: np.ndarray | int) -> None:
        """Label a[i] goes only together with b[i]. Order: the smaller one is the root, so that BLOCKED wins."""
        for one, other in zip(a.reshape(-1).tolist(), np.broadcast_to(b, a.shape).reshape(-1).tolist(), strict=True):
            x, y = self._root(one), self._root(other)
            self._parent[max(x, y)] = min(x, y)

    def block(self, value: Value | None) -> None:
        """No channel of `value` may be cut."""
        if value in self.channels:
            self.tie(self.channels[value].labels, BLOCKED)

    def along(self, value: Value, axis: int) -> np.ndarray:
        """The labels of `value` along `axis`; BLOCKED ones when it can only be cut along another."""
        channels = self.channels[value]
        if channels.axis == axis:
            return channels.labels
        self.block(value)
        return np.full(value.shape[axis], BLOCKED)

    # ---- what others ask ----

    @property
    def size(self) -> int:
        """The number of labels."""
        return len(self._parent)

    def roots(self, labels: np.ndarray) -> np.ndarray:
        """The label that stands for the group of each label, same shape."""
        return np.array([self._root(label) for label in labels.reshape(-1).tolist()], dtype=np.int64).reshape(
            labels.shape
        )

    def axes(self) -> Iterator[np.ndarray]:
        """The roots along the axis of every value: none of these may lose all its groups."""
        for channels in self.channels.values():
            yield self.roots(channels.labels)

    def _root(self, label: int) -> int:
        while self._parent[label] != label:
            self._parent[label] = self._parent[self._parent[label]]
            label = self._parent[label]
        return label
