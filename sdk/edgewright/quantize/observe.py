"""Collects the range and the distribution of every activation over calibration samples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from edgewright.errors import UsageError
from edgewright.ir import Graph, Value
from edgewright.ops import Op
from edgewright.quantize.interpret import run_float
from edgewright.quantize.masks import narrowed_operands, read_by_softmax, without_masked

BINS = 2048


@dataclass(eq=False)
class Observer:
    """What was seen of one value.

    low, high: extremes, including 0. counts: histogram of BINS equal bins over [low, high].
    """

    low: float = 0.0
    high: float = 0.0
    counts: np.ndarray = field(default_factory=lambda: np.zeros(BINS))

    def widen(self, data: np.ndarray) -> None:
        """First pass: the extremes."""
        self.low = min(self.low, float(data.min()))
        self.high = max(self.high, float(data.max()))

    def count(self, data: np.ndarray) -> None:
        """Second pass: the histogram."""
        if self.high > self.low:
            self.counts += np.histogram(data, bins=BINS, range=(self.low, self.high))[0]

    @property
    def centres(self) -> np.ndarray:
        """The middle of every bin."""
        edges = np.linspace(self.low, self.high, BINS + 1)
        return (edges[:-1] + edges[1:]) / 2


def observe(
    graph: Graph[Op], samples: Sequence[Sequence[np.ndarray]] | Iterable[Sequence[np.ndarray]]
) -> dict[Value, Observer]:
    """Observers of the inputs and all activations of a float graph; of those that end in a softmax, what matters to it.

    samples: each is one array per graph input; iterated twice, so it must be re-iterable.

    Raises:
        UsageError: there is no sample, or a value becomes NaN or infinite.
    """
    observers: dict[Value, Observer] = {}
    scores = read_by_softmax(graph)
    narrowed: dict[Value, tuple[float, float]] = {}

    def widen(value: Value, data: np.ndarray) -> None:
        if not np.all(np.isfinite(data)):
            raise UsageError(f"calibration: '{value.name}' becomes NaN or infinite; check the data and the model")
        observers.setdefault(value, Observer()).widen(without_masked(data, scores[value]) if value in scores else data)

    def count(value: Value, data: np.ndarray) -> None:
        observers[value].count(np.clip(data, *narrowed[value]) if value in narrowed else data)

    seen = 0
    for sample in samples:
        run_float(graph, sample, widen)
        seen += 1
    if not seen:
        raise UsageError("calibration: the data hold no samples")
    narrowed.update(narrowed_operands(graph, {value: (seen.low, seen.high) for value, seen in observers.items()}))
    for value, (low, high) in narrowed.items():
        observers[value].low, observers[value].high = low, high
    for sample in samples:
        run_float(graph, sample, count)
    return observers
