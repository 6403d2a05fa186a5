"""Which rounding, and which layers in 4 bits: measured on samples that rounding did not learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from edgewright.compress.quality import RUINED_POINTS, Quality
from edgewright.errors import UnsupportedError, UsageError
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.quantize.rounding.layer import BYTE, NIBBLE
from edgewright.quantize.rounding.recipe import Rounding, Widths
from edgewright.quantize.rounding.trial import Trial, Trials, bytes_saved

#: What is tried, from the simplest: for bytes, whose errors are small, and for 4 bits.
FOR_BYTES = (Rounding.NEAREST, Rounding.BIAS, Rounding.GPTQ)
FOR_NIBBLES = tuple(Rounding)
#: Less than this share of the error is no reason to move more weights.
GAIN = 0.05
#: Points that "mixed" may lose where nothing is said.
MIXED_POINTS = 1.0


@dataclass(frozen=True)
class LayerWidth:
    """One layer. bits: of a weight. bytes: of weights, biases and multipliers.

    error: of the model's outputs, relative to their variance, when this layer alone has 4 bits; None where it cannot.
    """

    name: str
    bits: int
    bytes: int
    error: float | None


@dataclass(frozen=True)
class RoundedWeights:
    """graph: with its weights rounded. errors: relative output error by rounding tried, on the held-out samples.

    layers: of all that were free; empty when all have 8 bits. quality: on the held-out samples, and how many points may
    be lost there; None when nothing was asked for.
    """

    graph: Graph[Op] = field(compare=False, repr=False)
    rounding: Rounding
    errors: dict[str, float]
    layers: tuple[LayerWidth, ...] = ()
    quality: Quality | None = None
    max_drop: float | None = None

    def to_json(self, asked: str) -> dict[str, Any]:
        """What the manifest holds of it; asked: `--weights`."""
        document: dict[str, Any] = {"asked": asked, "rounding": str(self.rounding), "errors": self.errors}
        if self.layers:
            document["layers"] = [asdict(layer) for layer in self.layers]
        if self.quality is not None:
            document["held_out"] = {**self.quality.to_json(), "max_drop": self.max_drop}
        return document


def most_trials(widths: Widths, layers: int) -> int:
    """How often a network of so many layers may be rounded until it is chosen."""
    if not widths.narrow:
        return len(FOR_BYTES)
    return len(FOR_NIBBLES) + 1 + (layers.bit_length() + 1 if widths.kind == "mixed" and widths.share is None else 0)


def choose_weights(trials: Trials, rounding: Rounding | None, widths: Widths, max_drop: float | None) -> RoundedWeights:
    """The rounding with the least error of all that are tried, unless one is given, and the widths that were asked for.

    max_drop: points that may be lost on the held-out samples. "mixed" without a share takes as few layers in 8 bits as
    stay within them, those first that lose most for the bytes they save. What it then lost is for the caller to judge.

    Raises:
        UsageError: 4 bits are asked for and no layer can take them.
        UnsupportedError: no rounding fits the integers.
    """
    if not widths.narrow:
        found = _tried(trials, (rounding,) if rounding else FOR_BYTES, {})
        best = _simplest_of_the_best(list(found.values()))
        quality = None if max_drop is None else trials.quality(best)
        return RoundedWeights(best.graph, best.rounding, _errors(found), (), quality, max_drop)
    alone = trials.errors_alone()
    if not alone:
        raise UsageError(f"--weights {widths.kind}: no layer is free to take 4 bits; the model brings its own integers")
    order = sorted(alone, key=lambda index: (alone[index] / max(bytes_saved(trials.layers[index]), 1), index))
    tried = (rounding,) if rounding else FOR_NIBBLES
    most = max_drop if max_drop is not None else (RUINED_POINTS if widths.kind == "int4" else MIXED_POINTS)
    if widths.kind == "mixed" and widths.share is None:
        best, found = _within(trials, tried, order, most)
    else:
        chosen = order if widths.share is None else _share_of(trials, order, widths.share)
        found = _tried(trials, tried, dict.fromkeys(chosen, NIBBLE))
        best = _simplest_of_the_best(list(found.values()))
    layers = tuple(
        LayerWidth(
            layer.form.node.name,
            best.widths.get(index, BYTE),
            layer.weight_bytes(best.widths.get(index, BYTE)),
            alone.get(index),
        )
        for index, layer in trials.layers.items()
    )
    return RoundedWeights(best.graph, best.rounding, _errors(found), layers, trials.quality(best), most)


def _tried(trials: Trials, roundings: Sequence[Rounding], widths: Mapping[int, int]) -> dict[Rounding, Trial]:
    found: dict[Rounding, Trial] = {}
    refusal: UnsupportedError | None = None
    for rounding in roundings:
        try:
            found[rounding] = trials(rounding, widths)
        except UnsupportedError as error:
            refusal = error
    if refusal is not None and not found:
        raise refusal
    return found


def _simplest_of_the_best(found: Sequence[Trial]) -> Trial:
    """Of trials from the simplest on, the one that those behind it do not better by GAIN."""
    best = found[0]
    for trial in found[1:]:
        if trial.error < (1 - GAIN) * best.error:
            best = trial
    return best


def _within(
    trials: Trials, roundings: Sequence[Rounding], order: Sequence[int], most: float
) -> tuple[Trial, dict[Rounding, Trial]]:
    """The trial that loses no more than `most` points with the fewest layers in 8 bits, those at the end of `order`.

    A better rounding costs nothing on the device, so that layers give way last, and roundings are told apart by their
    error, which a few held-out samples tell better than points. All in 8 bits when nothing is near enough.
    """
    found = _tried(trials, roundings, dict.fromkeys(order, NIBBLE))
    narrowest = _simplest_of_the_best(list(found.values()))
    if trials.quality(narrowest).drop <= most:
        return narrowest, found
    rounding = narrowest.rounding
    best = trials(rounding, {})
    low, high = 0, len(order)  # so many of the order take 4 bits: `low` is near enough, `high` is not
    while high - low > 1:
        middle = (low + high) // 2
        trial = trials(rounding, dict.fromkeys(order[:middle], NIBBLE))
        if trials.quality(trial).drop <= most:
            low, best = middle, trial
        else:
            high = middle
    return best, found


def _share_of(trials: Trials, order: Sequence[int], share: float) -> list[int]:
    """Those of `order` that fit one after the other into a share of all weights, larger ones left out."""
    sizes = {index: layer.form.node.operand(1).size for index, layer in trials.layers.items()}
    room, chosen = share * sum(sizes.values()), []
    for index in order:
        if sizes[index] <= room + 1e-6:
            room -= sizes[index]
            chosen.append(index)
    return chosen


def _errors(found: Mapping[Rounding, Trial]) -> dict[str, float]:
    return {str(rounding): trial.error for rounding, trial in found.items()}
