"""Importance of channels from how they vary on data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from edgewright.compress.activations import Activations, Sample, affordable
from edgewright.compress.families import Family
from edgewright.compress.norms import Measured, balanced
from edgewright.compress.rows import picked_rows, row_form
from edgewright.passes.channel_trace import ChannelTrace


def data_scores(trace: ChannelTrace, found: Sequence[Family], method: str, samples: Sequence[Sample]) -> np.ndarray:
    """Importance per root [labels] by "activation" or "bn".

    activation: the mean magnitude of what layers read of a channel.
    Source: H. Hu et al., "Network Trimming", 2016, with magnitudes in place of counts of zeros.

    bn: the standard deviation of a channel before its clamp. Behind a batch normalization it is the magnitude of
    gamma, which folding has hidden in the weights. It compares over all layers, as there.
    Source: Z. Liu et al., "Learning Efficient Convolutional Networks through Network Slimming", ICCV 2017.
    """
    used = samples[: affordable(trace.graph, copies=1)]
    if method == "activation":
        return balanced(_magnitudes(trace, used), trace.size, found)
    total, count = np.zeros(trace.size), np.zeros(trace.size)
    for roots, deviations in _deviations(trace, used):
        total += np.bincount(roots, deviations, trace.size)
        count += np.bincount(roots, minlength=trace.size)
    scores: np.ndarray = total / np.maximum(count, 1)
    return scores


def _magnitudes(trace: ChannelTrace, samples: Sequence[Sample]) -> Iterator[Measured]:
    reads = {read.node: read for read in trace.reads}
    values = Activations(trace.graph, samples)
    for node in trace.graph.nodes:
        if node in reads:
            x = np.moveaxis(values[node.operand(0)], reads[node].axis + 1, 0)
            yield trace.roots(reads[node].labels), np.abs(x.reshape(len(x), -1)).mean(axis=1, dtype=np.float64)
        values.step(node)


def _deviations(trace: ChannelTrace, samples: Sequence[Sample]) -> Iterator[Measured]:
    writes = {write.node: write for write in trace.writes}
    values = Activations(trace.graph, samples)
    for index, node in enumerate(trace.graph.nodes):
        form = row_form(node)
        if node in writes and form is not None:
            x = form.inputs(values[node.operand(0)], picked_rows(form, values.count, index))
            y = x @ form.weights().transpose(0, 2, 1)
            yield trace.roots(writes[node].labels), y.std(axis=1).reshape(-1)
        values.step(node)
