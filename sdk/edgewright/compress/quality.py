"""What pruning cost: the model before and after on samples that had no part in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgewright.compress.activations import Sample
from edgewright.compress.masks import Session, without_softmax
from edgewright.errors import AccuracyError, UsageError
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.ops.softmax import LogSoftmax, Softmax

#: A model that loses more points than this is ruined: an error, unless the user says otherwise.
RUINED_POINTS = 10.0
#: Outputs are taken to be this clean at most: what is left is rounding.
MOST_DB = 99.0


@dataclass(frozen=True)
class Quality:
    """The pruned model beside the original on `samples` samples.

    accuracy: top-1 before and after; None without labels. agreement: share of samples with the same top-1 as before;
    None for what is no classifier, and on random inputs, which say nothing of classes. snr_db: of each output by name,
    before a final softmax: the variance over the samples over the mean squared difference, in decibels.
    """

    samples: int
    accuracy: tuple[float, float] | None
    agreement: float | None
    snr_db: dict[str, float]
    random: bool = False

    @property
    def judges(self) -> str:
        """What it was measured on, in words."""
        return f"{self.samples} random inputs" if self.random else f"{self.samples} held-out samples"

    @property
    def drop(self) -> float:
        """What was lost, in points: of top-1; without labels of agreement; of what is no classifier, the power of the
        difference in percent of the worst output's variance."""
        if self.accuracy is not None:
            return 100.0 * (self.accuracy[0] - self.accuracy[1])
        if self.agreement is not None:
            return 100.0 * (1.0 - self.agreement)
        return float(100.0 * 10.0 ** (-min(self.snr_db.values()) / 10.0))

    @property
    def verdict(self) -> str:
        """One line on what was lost."""
        if self.accuracy is not None:
            before, after = (100 * share for share in self.accuracy)
            return f"top-1 went from {before:.1f} to {after:.1f} %"
        if self.agreement is not None:
            return f"{100 * self.agreement:.1f} % of the samples keep their class"
        name = min(self.snr_db, key=lambda key: self.snr_db[key])
        return f"output '{name}' keeps {self.snr_db[name]:.1f} dB over the difference to the original"

    def to_json(self) -> dict[str, Any]:
        """Plain dicts and numbers."""
        return {
            "samples": self.samples,
            "random": self.random,
            "accuracy_before": None if self.accuracy is None else self.accuracy[0],
            "accuracy_after": None if self.accuracy is None else self.accuracy[1],
            "agreement": self.agreement,
            "snr_db": dict(self.snr_db),
            "drop": self.drop,
        }


class Judge:
    """Compares pruned models with one original on the same samples.

    samples: iterated anew for every model. labels: one class per sample, or None; an autoencoder has no use for them.
    random: whether the samples are noise; then only how near the outputs are counts. source: whence they are.
    before: what the original gives, before a final softmax, [samples, *shape] for each output; None to compute it.

    Raises:
        UsageError: there are no samples, or a label stands for no output.
    """

    def __init__(
        self,
        original: Graph[Op],
        samples: Iterable[Sample],
        labels: Sequence[int] | np.ndarray | None = None,
        *,
        random: bool = False,
        source: str = "data",
        before: Sequence[np.ndarray] | None = None,
    ) -> None:
        self._samples, self._random = samples, random
        if reconstructs(original):
            labels = None
        self._before = self._outputs(original) if before is None else before
        self._classifies = labels is not None or (is_classifier(original) and not random)
        first = self._before[0].reshape(len(self._before[0]), -1)
        self._labels = None if labels is None else np.asarray(labels)
        if self._labels is not None and self._labels.max() >= first.shape[1]:
            raise UsageError(
                f"{source}: label {self._labels.max()}, the model has {first.shape[1]} outputs; "
                "give the labels of this model"
            )

    def __call__(self, pruned: Graph[Op]) -> Quality:
        """The pruned model's quality."""
        return self.compare([value.name for value in pruned.outputs], self._outputs(pruned))

    def compare(self, names: Sequence[str], outputs: Sequence[np.ndarray]) -> Quality:
        """The quality of outputs that something else computed: [samples, ...] each, before a final softmax."""
        after = [y.reshape(b.shape) for b, y in zip(self._before, outputs, strict=True)]
        snr = {name: snr_db(b, a) for name, b, a in zip(names, self._before, after, strict=True)}
        tops = [y[0].reshape(len(y[0]), -1).argmax(axis=1) for y in (self._before, after)]
        accuracy = None
        if self._labels is not None:
            accuracy = (float((tops[0] == self._labels).mean()), float((tops[1] == self._labels).mean()))
        agreement = float((tops[0] == tops[1]).mean()) if self._classifies else None
        return Quality(len(after[0]), accuracy, agreement, snr, self._random)

    def _outputs(self, graph: Graph[Op]) -> list[np.ndarray]:
        session = Session(without_softmax(graph))
        rows = [session.run(sample) for sample in self._samples]
        if not rows:
            raise UsageError("data: no samples are left to judge on; give more, or --data with others")
        return [np.stack(column) for column in zip(*rows, strict=True)]


def is_classifier(graph: Graph[Op]) -> bool:
    """Whether the largest number of the only output names a class: it ends in a softmax over all of it."""
    (output, *others) = graph.outputs
    node = graph.producer(output)
    row = max(output.shape, default=1) == output.size
    return not others and node is not None and isinstance(node.op, Softmax | LogSoftmax) and row


def reconstructs(graph: Graph[Op]) -> bool:
    """Whether the model is an autoencoder: one output of its only input's size, which is no softmax."""
    sizes = [[value.size for value in values] for values in (graph.inputs, graph.outputs)]
    return len(graph.inputs) == 1 and sizes[0] == sizes[1] and not is_classifier(graph)


def snr_db(wanted: np.ndarray, got: np.ndarray) -> float:
    """Variance of `wanted` over the samples (of a single one: over its elements) over the mean squared difference, in
    decibels; MOST_DB where there is no difference."""
    wanted, difference = wanted.astype(np.float64), np.square(got.astype(np.float64) - wanted).mean()
    power = wanted.var(axis=0).mean() if len(wanted) > 1 else wanted.var()
    if difference <= power * 10.0 ** (-MOST_DB / 10.0):
        return MOST_DB
    return float(10.0 * np.log10(max(power, np.finfo(np.float64).tiny) / difference))


def check_max_drop(max_drop: float | None) -> None:
    """Raise UsageError for a limit of what may be lost that is none."""
    if max_drop is not None and not max_drop >= 0:  # so that NaN is none
        raise UsageError(f"--max-drop {max_drop:g}: must be 0 or more points")


def check_quality(where: str, quality: Quality, most_points: float, advice: str) -> None:
    """Raise AccuracyError, ending in `advice`, when more than `most_points` are lost."""
    if not quality.drop <= most_points:  # so that NaN is no pass
        raise AccuracyError(
            f"{where}: not written: {quality.verdict} on {quality.judges}, a loss of {quality.drop:.1f}, "
            f"{most_points:g} allowed; {advice}"
        )
