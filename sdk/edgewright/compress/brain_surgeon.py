"""Importance of channels by optimal brain surgeon: what those that read a channel cannot make up for without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from edgewright.compress.activations import Activations, Sample, affordable
from edgewright.compress.families import Family
from edgewright.compress.rows import picked_rows, row_form
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.passes.channel_rules import trace_channels
from edgewright.passes.channel_trace import BLOCKED

#: Added to the variances of a layer's inputs, in units of their mean, so that the covariance can be inverted.
DAMPING = 1e-3
#: Columns of the largest covariance that is kept; correlations between pieces of wider inputs are not seen.
MOST_COLUMNS = 1536


class Reader:
    """A linear layer (or one group of it, or a piece of a wide one) as its least squares see it.

    roots: the group of channels that each column belongs to, [columns]. weights: [outputs, columns]. inverse: of the
    damped covariance of its inputs, [columns, columns]. power: the variance of the whole layer's outputs, summed.
    """

    def __init__(self, roots: np.ndarray, weights: np.ndarray, inverse: np.ndarray, power: float) -> None:
        self.roots = roots
        self.power = power
        self._weights = weights
        self._inverse = inverse

    def costs(self, groups: np.ndarray) -> np.ndarray:
        """For each of `groups`, of one family: the output variance that is lost without it, relative to all.

        Removing columns c and moving the other weights to their new optimum adds tr(W_c (H^-1_cc)^-1 W_c^T).
        Source: B. Hassibi, D. Stork, "Second Order Derivatives for Network Pruning: Optimal Brain Surgeon", NIPS 1992,
        equation 5, for several columns at once.
        """
        here = np.isin(groups, self.roots)
        lost = np.zeros(len(groups))
        if not here.any():
            return lost
        columns = np.stack([np.flatnonzero(self.roots == group) for group in groups[here]])
        blocks = self._inverse[columns[:, :, None], columns[:, None, :]]
        weights = self._weights[:, columns].transpose(1, 2, 0)
        lost[here] = (np.linalg.solve(blocks, weights) * weights).sum(axis=(1, 2)) / self.power
        return lost

    def remove(self, group: int) -> None:
        """Take the columns of a group away and move the other weights to where they are best without them."""
        gone = self.roots == group
        if not gone.any():
            return
        taken = np.linalg.solve(self._inverse[np.ix_(gone, gone)], self._inverse[gone][:, ~gone])
        self._weights = self._weights[:, ~gone] - self._weights[:, gone] @ taken
        self._inverse = self._inverse[np.ix_(~gone, ~gone)] - self._inverse[np.ix_(~gone, gone)] @ taken
        self.roots = self.roots[~gone]

    def copy(self) -> Reader:
        """The same reader, to look ahead with; arrays are replaced, never changed."""
        return Reader(self.roots, self._weights, self._inverse, self.power)


class Surgeon:
    """Says, family by family, which channels to take next and what that costs; `take` does it."""

    def __init__(self, readers: Sequence[Reader], found: Sequence[Family]) -> None:
        self._readers = [[r for r in readers if np.isin(family.groups, r.roots).any()] for family in found]
        self._left = [family.groups for family in found]

    def next(self, index: int, count: int) -> tuple[list[int], float]:
        """The `count` groups of family `index` that go best, one after another, and the sum of their costs."""
        readers = [reader.copy() for reader in self._readers[index]]
        left, taken, total = self._left[index], [], 0.0
        for _ in range(count):
            costs = sum((reader.costs(left) for reader in readers), np.zeros(len(left)))
            best = int(np.argmin(costs))
            total += float(costs[best])
            taken.append(int(left[best]))
            left = np.delete(left, best)
            for reader in readers:
                reader.remove(taken[-1])
        return taken, total

    def take(self, index: int, groups: Sequence[int]) -> list[int]:
        """Remove groups of family `index`; the families whose costs have changed."""
        self._left[index] = np.setdiff1d(self._left[index], groups)
        for reader in self._readers[index]:
            for group in groups:
                reader.remove(group)
        touched = set(map(id, self._readers[index]))
        return [k for k, readers in enumerate(self._readers) if touched & set(map(id, readers)) or k == index]


def layer_readers(graph: Graph[Op], samples: Sequence[Sample]) -> Iterator[Reader]:
    """The readers of all linear layers that mix channels that can be cut; of as many samples as memory allows."""
    trace = trace_channels(graph)
    roots = {read.node: trace.roots(read.labels) for read in trace.reads}
    values = Activations(graph, samples[: affordable(graph, copies=1)])
    for index, node in enumerate(graph.nodes):
        form = row_form(node)
        if form is not None and form.groups < len(roots.get(node, ())) and (roots[node] != BLOCKED).any():
            x = form.inputs(values[node.operand(0)], picked_rows(form, values.count, index))
            x = x - x.mean(axis=1, keepdims=True)
            columns = np.repeat(roots[node], form.taps).reshape(form.groups, -1)
            weights = form.weights()
            power = sum(float(np.square(a @ w.T).mean(axis=0).sum()) for a, w in zip(x, weights, strict=True))
            for group in range(form.groups):
                yield from _pieces(columns[group], weights[group], x[group], max(power, np.finfo(np.float64).tiny))
        values.step(node)


def _pieces(roots: np.ndarray, weights: np.ndarray, x: np.ndarray, power: float) -> Iterator[Reader]:
    """Readers of at most about MOST_COLUMNS columns each; columns of one root stay together."""
    order = np.argsort(roots, kind="stable")
    ends = np.flatnonzero(np.diff(roots[order], append=-1)) + 1
    start = 0
    while start < len(order):
        fitting = ends[(ends > start) & (ends <= start + MOST_COLUMNS)]
        end = int(fitting[-1]) if len(fitting) else int(ends[ends > start][0])
        piece = order[start:end]
        covariance = x[:, piece].T @ x[:, piece] / len(x)
        damping = DAMPING * max(float(covariance.diagonal().mean()), np.finfo(np.float64).tiny)
        inverse = np.linalg.inv(covariance + damping * np.eye(len(piece)))
        yield Reader(roots[piece], weights[:, piece], inverse, power)
        start = end
