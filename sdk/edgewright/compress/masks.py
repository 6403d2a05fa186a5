"""Channels masked instead of cut: what a cut graph must agree with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime as ort

from edgewright.compress.activations import Sample, run_all
from edgewright.errors import MismatchError
from edgewright.frontend import export_onnx
from edgewright.ir import Graph
from edgewright.ir.clone import clone
from edgewright.ops import Op
from edgewright.ops.softmax import end_before_softmax
from edgewright.passes.channel_cut import with_data
from edgewright.passes.channel_trace import ChannelTrace

#: Largest difference of a cut graph to its masked one, relative to the range of the output: far above what is left of
#: rounding in float64 (and in the few operations that round to float32), far below any wrong cut.
TOLERANCE = 1e-5


class Session:
    """ONNX Runtime on the exported graph, single-threaded so that it repeats itself to the bit."""

    def __init__(self, graph: Graph[Op]) -> None:
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        model = export_onnx(graph).SerializeToString()
        self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._names = [value.name for value in graph.inputs]

    def run(self, inputs: Sample) -> list[np.ndarray]:
        """The outputs for one array per input."""
        results: list[np.ndarray] = self._session.run(None, dict(zip(self._names, inputs, strict=True)))
        return results


def mask_channels(trace: ChannelTrace, removed: np.ndarray) -> None:
    """Zero, in the traced graph, all weights that read a group of `removed` (bool [labels], by root)."""
    for read in trace.reads:
        weights = read.node.operand(1)
        assert weights.data is not None
        gone = removed[trace.roots(read.labels[: weights.shape[read.weight_axis]])]
        if gone.any():
            data = weights.data.copy()
            np.moveaxis(data, read.weight_axis, 0)[gone] = 0.0
            read.node.inputs[1] = with_data(trace.graph, weights, data)


def without_softmax(graph: Graph[Op]) -> Graph[Op]:
    """A copy that ends before its final softmaxes."""
    copy = clone(graph)
    end_before_softmax(copy)
    return copy


def check_cut(cut: Graph[Op], masked: Graph[Op], samples: Sequence[Sample]) -> float:
    """The largest difference between the outputs of both graphs, in float64, relative to each output's range.

    The range is the largest magnitude over all `samples`; outputs are compared before a final softmax.

    Raises:
        MismatchError: it is more than TOLERANCE; the message names the output.
    """
    ends = without_softmax(cut)
    ours, theirs = (run_all(graph, samples, np.float64) for graph in (ends, without_softmax(masked)))
    worst = 0.0
    for value, a, b in zip(ends.outputs, ours, theirs, strict=True):
        difference, largest = (float(np.abs(v).max(initial=0.0)) for v in (a - b, b))
        relative = difference / largest if largest > 0 else difference
        if not relative <= TOLERANCE:
            raise MismatchError(
                f"{cut.name}: output '{value.name}' of the cut graph differs from the masked one by {relative:.2g} of "
                f"its range, at most {TOLERANCE:g} is rounding; report this model"
            )
        worst = max(worst, relative)
    return worst
