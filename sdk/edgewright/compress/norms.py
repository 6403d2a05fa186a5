"""Importance of channels from their weights; needs no data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from edgewright.compress.families import Family
from edgewright.passes.channel_trace import ChannelTrace

#: Method -> order of the norm.
ORDERS = {"l1": 1, "l2": 2}
#: What a measure finds in one layer: the roots of its channels, and a number for each.
Measured = tuple[np.ndarray, np.ndarray]


def weight_scores(trace: ChannelTrace, found: Sequence[Family], method: str) -> np.ndarray:
    """Importance per root [labels] by "l1", "l2" or "fpgm".

    l1, l2: the norm of a group's weights in every layer that writes or reads it.
    Source: G. Fang et al., "DepGraph: Towards Any Structural Pruning", CVPR 2023, section 3.3.

    fpgm: the sum of distances of a channel's weights to those of all others in the layers that write it; what is near
    the geometric median is replaceable.
    Source: Y. He et al., "Filter Pruning via Geometric Median", CVPR 2019, equation 4.
    """
    measured = _distances(trace) if method == "fpgm" else _norms(trace, ORDERS[method])
    return balanced(measured, trace.size, found)


def balanced(measured: Iterable[Measured], size: int, found: Sequence[Family]) -> np.ndarray:
    """What layers measured, summed per root [size], such that layers count equally and families compare.

    In each layer the numbers are divided by their mean over the family; the sum over the layers is divided by its mean
    over the family.
    """
    family_of = np.full(size, -1)
    for index, family in enumerate(found):
        family_of[family.groups] = index
    scores = np.zeros(size)
    for roots, values in measured:
        by_root = np.bincount(roots, values, size)
        scores += _divided_by_mean(by_root, family_of, np.unique(roots))
    everything = np.flatnonzero(family_of >= 0)
    return _divided_by_mean(scores, family_of, everything)


def _norms(trace: ChannelTrace, order: int) -> Iterator[Measured]:
    for roots, rows in _written(trace):
        yield roots, np.linalg.norm(rows, ord=order, axis=1)
    for read in trace.reads:
        rows = read.kernels.astype(np.float64).transpose(0, 2, 1, 3).reshape(len(read.labels), -1)
        yield trace.roots(read.labels), np.linalg.norm(rows, ord=order, axis=1)


def _distances(trace: ChannelTrace) -> Iterator[Measured]:
    for roots, rows in _written(trace):
        squares = np.square(rows).sum(axis=1)
        apart = squares[:, None] + squares[None, :] - 2.0 * rows @ rows.T
        yield roots, np.sqrt(apart.clip(min=0.0)).sum(axis=1)


def _written(trace: ChannelTrace) -> Iterator[Measured]:
    """For each layer that writes: the roots of its channels and their weights, [channels, weights]."""
    for write in trace.writes:
        data = write.node.operand(1).data
        assert data is not None
        rows = np.moveaxis(data, write.axis, 0).astype(np.float64)
        yield trace.roots(write.labels[: len(rows)]), rows.reshape(len(rows), -1)


def _divided_by_mean(values: np.ndarray, family_of: np.ndarray, roots: np.ndarray) -> np.ndarray:
    """`values` at `roots` in units of the mean over each family there; 0 elsewhere and where that mean is 0."""
    result = np.zeros_like(values)
    for index in np.unique(family_of[roots]):
        if index >= 0:
            members = roots[family_of[roots] == index]
            mean = values[members].mean()
            result[members] = values[members] / mean if mean > 0 else 0.0
    return result
