"""How near two sets of outputs are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from edgewright.quantize.fidelity import Spread


def predicted(output: np.ndarray) -> int:
    """The class that an output stands for: where its largest value is, or a single integer itself (ArgMax)."""
    if output.size == 1 and output.dtype.kind in "iu":
        return int(output.reshape(-1)[0])
    return int(np.argmax(output))


@dataclass(eq=False)
class Comparison:
    """Accumulates, sample by sample, the outputs of a place against the float model's."""

    samples: int = 0
    correct: int = 0
    agreeing: int = 0
    squared_error: float = 0.0
    elements: int = 0
    dot: float = 0.0
    own_norm: float = 0.0
    float_norm: float = 0.0
    spreads: list[Spread] = field(default_factory=list)

    def add(self, outputs: Sequence[np.ndarray], wanted: Sequence[np.ndarray], label: int | None) -> None:
        """One sample: real-valued outputs of the place and of the float model, in the model's axis order."""
        self.samples += 1
        top = predicted(outputs[0])
        self.agreeing += top == predicted(wanted[0])
        self.correct += label is not None and top == label
        self.spreads = self.spreads or [Spread() for _ in wanted]
        for got, want, spread in zip(outputs, wanted, self.spreads, strict=True):
            spread.add(want, got)
            a, b = got.astype(np.float64).reshape(-1), want.astype(np.float64).reshape(-1)
            self.squared_error += float(((a - b) ** 2).sum())
            self.elements += a.size
            self.dot += float(a @ b)
            self.own_norm += float(a @ a)
            self.float_norm += float(b @ b)

    @property
    def agreement(self) -> float:
        """Share of samples whose largest value stands where the float model's does."""
        return self.agreeing / max(self.samples, 1)

    @property
    def accuracy(self) -> float:
        """Share of samples whose largest value is the label."""
        return self.correct / max(self.samples, 1)

    @property
    def snr_db(self) -> tuple[float, ...]:
        """Of each output: the variance of the float model's over the mean squared difference, in decibels."""
        return tuple(spread.decibels for spread in self.spreads)

    @property
    def rmse(self) -> float:
        """Root of the mean squared difference over all output elements."""
        return float(np.sqrt(self.squared_error / max(self.elements, 1)))

    @property
    def cosine(self) -> float:
        """Cosine similarity of all outputs taken as one vector; 1 when both are zero, 0 when one is."""
        norm = np.sqrt(self.own_norm * self.float_norm)
        return float(self.dot / norm) if norm else float(self.own_norm == self.float_norm)
