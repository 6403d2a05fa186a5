"""Chooses the calibration method by what it does to the model's output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edgewright.compress.quality import check_max_drop
from edgewright.contracts import Contract
from edgewright.errors import UnsupportedError, UsageError
from edgewright.ir import Graph, Value
from edgewright.ir.clone import clone, clone_with_values
from edgewright.ops import Op
from edgewright.ops.softmax import end_before_softmax
from edgewright.passes.equalize_channels import equalize_channels
from edgewright.quantize.choose import annotate
from edgewright.quantize.fidelity import OutputQuality, judge_outputs, output_spreads
from edgewright.quantize.interpret import run_float
from edgewright.quantize.observe import Observer, observe
from edgewright.quantize.progress import Progress, Ticker
from edgewright.quantize.ranges import METHODS
from edgewright.quantize.rounding.choice import RoundedWeights, choose_weights, most_trials
from edgewright.quantize.rounding.network import take_parameters
from edgewright.quantize.rounding.recipe import AUTO, INT8, Recipe, Rounding, Widths
from edgewright.quantize.rounding.trial import IntegerForm, Trials
from edgewright.quantize.samples import Samples

#: Samples on which the methods are compared, and on which the result is judged.
TRIAL_SAMPLES, JUDGED_SAMPLES = 100, 32
#: Samples that rounding learns from and, as many others, that it is judged on; and of how many it is not worth it.
ROUNDING_SAMPLES, LEAST_SAMPLES = {False: 64, True: 256}, 4


@dataclass(frozen=True)
class Calibration:
    """method: the one used, as `Recipe.named` takes it. errors: mean squared output error of each method of choosing
    ranges that was tried, relative to each output's own variance; empty when it was given. samples: how many
    calibrated. outputs: how well int8 holds each. warnings: what the user must hear, a line each. weights: how they
    were rounded, None when each is the nearest byte and nothing was compared.
    """

    method: str
    errors: dict[str, float]
    samples: int
    outputs: tuple[OutputQuality, ...] = ()
    warnings: tuple[str, ...] = ()
    weights: RoundedWeights | None = None


def calibrate(
    graph: Graph[Op],
    samples: Samples,
    integer_form: IntegerForm,
    method: str = AUTO,
    progress: Progress | None = None,
    *,
    widths: Widths = INT8,
    max_drop: float | None = None,
) -> Calibration:
    """Annotate `graph` from `samples`, its channels of unequal weights equalized before, and round its weights.

    integer_form: gives the integer graph of an annotated one. method: see `Recipe.named`. Of ranges, each of `METHODS`
    is tried in "auto", and the one with the least output error wins; then so do roundings, learned from every second
    sample and judged on the others. progress: told after every run of a sample, of which there are two, and in "auto"
    up to five more; then of as many as rounding learns from, by each that is tried; then of those that are judged.
    widths, max_drop: see `choose_weights`; whether too much was lost is for the caller to judge.

    Raises:
        UsageError: no such method, data that `observe` refuses, or too few of them to choose by.
        UnsupportedError: no method gives a model that fits integers.
    """
    recipe = _recipe(method, samples, widths, max_drop)
    equalize_channels(graph)
    trial, judged = samples.spread(TRIAL_SAMPLES), samples.spread(JUDGED_SAMPLES)
    most = ROUNDING_SAMPLES[widths.narrow]
    learn, held = samples.every(2, 0).spread(most), samples.every(2, 1).spread(most)
    compared = len(trial) * (1 + len(METHODS)) if recipe.ranges == AUTO else 0
    rounds = recipe.rounding is not Rounding.NEAREST or widths.narrow or max_drop is not None
    rounded = most_trials(widths, len(graph.nodes)) * len(learn) if rounds else 0
    ticker = Ticker(progress, 2 * len(samples) + compared + rounded + len(judged))
    observers = observe(graph, ticker.over(samples))
    ranges, errors = recipe.ranges, dict[str, float]()
    if ranges == AUTO:
        errors = _errors_of_ranges(graph, observers, trial, ticker, integer_form)
        ranges = min(errors, key=lambda name: errors[name])
    wanted = [run_float(graph, sample) for sample in judged]
    own = {value for value in graph.values() if value.quant is not None}
    original = clone(graph)
    annotate(graph, observers, ranges)
    weights: RoundedWeights | None = None
    if rounds:
        trials = Trials(original, graph, learn, held, integer_form, lambda: ticker.advance(len(learn)))
        weights = choose_weights(trials, recipe.rounding, widths, max_drop)
        if not samples.representative and max_drop is None:
            weights = replace(weights, quality=None, max_drop=None)
        take_parameters(graph, weights.graph)
    ticker.reach(2 * len(samples) + compared + rounded)
    outputs = judge_outputs(graph, own, list(ticker.over(judged)), wanted, integer_form)
    warnings = [*_warnings_of(samples), *(line for output in outputs for line in output.warnings)]
    plain = weights is None or (weights.rounding is Rounding.NEAREST and not widths.narrow)
    name = ranges if plain or weights is None else f"{ranges}+{weights.rounding}"
    return Calibration(name, errors, len(samples), tuple(outputs), tuple(warnings), weights)


def _errors_of_ranges(
    graph: Graph[Op],
    observers: Mapping[Value, Observer],
    trial: Samples,
    ticker: Ticker,
    integer_form: IntegerForm,
) -> dict[str, float]:
    """The output error of each of `METHODS` that fits integers; Raises UnsupportedError when none does."""
    errors: dict[str, float] = {}
    open_graph, open_observers = _without_softmax(graph, observers)
    wanted = [run_float(open_graph, sample) for sample in ticker.over(trial)]
    refusal: UnsupportedError | None = None
    for name in METHODS:
        try:
            quantized = _quantized_copy(open_graph, open_observers, name, integer_form)
        except UnsupportedError as error:
            refusal = error
        else:
            errors[name] = output_error(quantized, ticker.over(trial), wanted)
    if refusal is not None and not errors:
        raise refusal
    return errors


def _recipe(method: str, samples: Samples, widths: Widths, max_drop: float | None) -> Recipe:
    """What `method` asks for, as far as the data can tell; Raises UsageError."""
    recipe = Recipe.named(method, widths.narrow)
    check_max_drop(max_drop)
    if widths.kind == "mixed" and not samples.representative:
        raise UsageError(
            "--weights mixed chooses by what is lost, which random data do not tell; give --calib DATA.npz"
        )
    if (widths.narrow or max_drop is not None) and len(samples) < 2:
        raise UsageError(
            f"--weights {widths.kind}: rounding learns from one half of the calibration samples and is judged on the "
            f"other; there is {len(samples)}, give 2 or more"
        )
    blind = not samples.representative or (not widths.narrow and len(samples) < LEAST_SAMPLES)
    return replace(recipe, rounding=Rounding.NEAREST) if recipe.rounding is None and blind else recipe


def _warnings_of(samples: Samples) -> list[str]:
    """What is suspicious about the calibration data."""
    if len(samples) == 1:
        return ["calibration: a single sample; ranges of other data may be wider"]
    same = all(np.array_equal(a, np.broadcast_to(a[:1], a.shape)) for a in samples.arrays)
    return [f"calibration: all {len(samples)} samples are equal; give data as the model will see them"] if same else []


def output_error(
    integer: Graph[Contract], samples: Iterable[Sequence[np.ndarray]], wanted: Sequence[Sequence[np.ndarray]]
) -> float:
    """Mean squared difference of each output from `wanted` over its own variance across samples, averaged over outputs.

    wanted: per sample, the float outputs in the model's own axis order.
    """
    spreads = output_spreads(integer, samples, wanted).values()
    return sum(spread.relative_error for spread in spreads) / max(len(spreads), 1)


def _without_softmax(graph: Graph[Op], observers: Mapping[Value, Observer]) -> tuple[Graph[Op], dict[Value, Observer]]:
    """A copy that ends before its final softmaxes, and its observers."""
    twin, values = clone_with_values(graph)
    end_before_softmax(twin)
    return twin, {values[v]: seen for v, seen in observers.items()}


def _quantized_copy(
    graph: Graph[Op],
    observers: Mapping[Value, Observer],
    method: str,
    integer_form: IntegerForm,
) -> Graph[Contract]:
    twin, values = clone_with_values(graph)
    annotate(twin, {values[v]: seen for v, seen in observers.items() if v in values}, method)
    return integer_form(twin)
