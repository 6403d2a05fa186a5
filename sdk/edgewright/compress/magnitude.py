"""Single weights set to zero, the smallest ones of every layer."""

from __future__ import annotations

import numpy as np

from edgewright.errors import UsageError
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.passes.channel_cut import with_data
from edgewright.passes.channel_rules import trace_channels


def zero_smallest_weights(graph: Graph[Op], amount: float) -> float:
    """Set the share `amount` of the weights of all linear layers to zero in place; the share that is zero then.

    The global order is by layer-adaptive magnitude: w^2 over the sum of squares of all weights of its layer that are
    not smaller. It is the magnitude inside a layer and compares layers of different scales; the largest weight of a
    layer has 1, so that no layer loses everything.
    Source: J. Lee et al., "Layer-Adaptive Sparsity for the Magnitude-Based Pruning", ICLR 2021, equation 4.

    Raises:
        UsageError: the graph has no layer with weights.
    """
    nodes = [write.node for write in trace_channels(graph).writes]
    if not nodes:
        raise UsageError(f"{graph.name}: has no layer with weights, so that there is nothing to prune")
    layers = list(dict.fromkeys(node.operand(1) for node in nodes))
    scores = [adaptive_magnitude(_data(value.data)) for value in layers]
    everything = np.concatenate([score.reshape(-1) for score in scores])
    count = min(round(amount * everything.size), everything.size - len(layers))
    threshold = np.partition(everything, count)[count]
    for value, score in zip(layers, scores, strict=True):
        data = np.where(score < threshold, np.float32(0), _data(value.data))
        for node in nodes:
            if node.operand(1) is value:
                node.inputs[1] = with_data(graph, value, data)
    zeros = sum(node.operand(1).size - int(np.count_nonzero(_data(node.operand(1).data))) for node in nodes)
    return zeros / sum(node.operand(1).size for node in nodes)


def adaptive_magnitude(weights: np.ndarray) -> np.ndarray:
    """w^2 / sum of all w'^2 >= w^2, float64 [weights.shape]; 0 for zeros."""
    squares = np.square(weights.astype(np.float64)).reshape(-1)
    order = np.argsort(-squares, kind="stable")
    scores = np.zeros_like(squares)
    scores[order] = squares[order] / np.maximum(np.cumsum(squares[order]), np.finfo(np.float64).tiny)
    return scores.reshape(weights.shape)


def _data(data: np.ndarray | None) -> np.ndarray:
    assert data is not None
    return data
