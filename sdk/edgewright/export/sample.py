"""The input that the example of an export classifies, and what the integer reference makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgewright.contracts import Contract
from edgewright.emit.selftest import pseudo_random
from edgewright.errors import UsageError
from edgewright.ir import Graph
from edgewright.quantize import Samples, quantized_inputs, run_integer


@dataclass(frozen=True, eq=False)
class Sample:
    """inputs: int8 [n] per input, the bytes as they stand in the arena. index: in the user's data, None without any.

    expected: the index of the largest value of the first output, or its first value where it holds int32.
    """

    inputs: tuple[np.ndarray, ...]
    expected: int
    index: int | None = None


def chosen_sample(graph: Graph[Contract], samples: Samples, index: int) -> Sample:
    """Sample `index` of the user's data.

    Raises:
        UsageError: there is none.
    """
    if not 0 <= index < len(samples):
        raise UsageError(f"--sample {index}: the data holds samples 0 to {len(samples) - 1}")
    return _sample(graph, quantized_inputs(graph, samples[index]), index)


def random_sample(graph: Graph[Contract]) -> Sample:
    """The self-test's pseudo-random input: its class means nothing, but it must be the same everywhere."""
    inputs, state = [], 1
    for value in graph.inputs:
        data, state = pseudo_random(value.size, state)
        inputs.append(data.reshape(value.shape))
    return _sample(graph, inputs, None)


def _sample(graph: Graph[Contract], inputs: Sequence[np.ndarray], index: int | None) -> Sample:
    first = np.asarray(run_integer(graph, list(inputs))[0]).reshape(-1)
    expected = int(first[0]) if first.dtype == np.int32 else int(first.argmax())
    return Sample(tuple(np.ascontiguousarray(x).reshape(-1).view(np.int8) for x in inputs), expected, index)
