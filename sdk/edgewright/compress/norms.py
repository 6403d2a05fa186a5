"""Importance of channels from the norms of their weights; needs no data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgewright.compress.families import Family
from edgewright.passes.channel_trace import ChannelTrace

#: Method -> order of the norm.
ORDERS = {"l1": 1, "l2": 2}


def norm_scores(trace: ChannelTrace, found: Sequence[Family], order: int) -> np.ndarray:
    """Importance per root [labels]: the norm of a group's weights in every layer that writes or reads it.

    In each layer the norms are divided by their mean over the family, so that layers count equally; the sum over the
    layers is divided by its mean over the family, so that families compare.
    Source: G. Fang et al., "DepGraph: Towards Any Structural Pruning", CVPR 2023, section 3.3.
    """
    family_of = np.full(trace.size, -1)
    for index, family in enumerate(found):
        family_of[family.groups] = index
    scores = np.zeros(trace.size)
    for roots, norms in _norms_by_layer(trace, order):
        by_root = np.bincount(roots, norms, trace.size)
        scores += _divided_by_mean(by_root, family_of, np.unique(roots))
    everything = np.flatnonzero(family_of >= 0)
    return _divided_by_mean(scores, family_of, everything)


def _norms_by_layer(trace: ChannelTrace, order: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each layer that writes or reads: the roots of its channels and the norms of their weights."""
    found = []
    for write in trace.writes:
        weights = np.moveaxis(_weights(write.node.operand(1).data), write.axis, 0)
        labels = write.labels[: len(weights)]
        found.append((trace.roots(labels), _norm(weights.reshape(len(weights), -1), order)))
    for read in trace.reads:
        kernels = _weights(read.kernels)
        rows = kernels.transpose(0, 2, 1, 3).reshape(len(read.labels), -1)
        found.append((trace.roots(read.labels), _norm(rows, order)))
    return found


def _weights(data: np.ndarray | None) -> np.ndarray:
    assert data is not None
    return data.astype(np.float64)


def _norm(rows: np.ndarray, order: int) -> np.ndarray:
    norms: np.ndarray = np.linalg.norm(rows, ord=order, axis=1)
    return norms


def _divided_by_mean(values: np.ndarray, family_of: np.ndarray, roots: np.ndarray) -> np.ndarray:
    """`values` at `roots` in units of the mean over each family there; 0 elsewhere and where that mean is 0."""
    result = np.zeros_like(values)
    for index in np.unique(family_of[roots]):
        if index >= 0:
            members = roots[family_of[roots] == index]
            mean = values[members].mean()
            result[members] = values[members] / mean if mean > 0 else 0.0
    return result
