"""Chooses the calibration method by what it does to the model's output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edgewright.contracts import Contract
from edgewright.errors import UnsupportedError, UsageError
from edgewright.ir import Graph, Value
from edgewright.ir.clone import clone_with_values
from edgewright.ops import Op
from edgewright.ops.softmax import end_before_softmax
from edgewright.passes.equalize_channels import equalize_channels
from edgewright.quantize.choose import annotate
from edgewright.quantize.fidelity import OutputQuality, judge_outputs, output_spreads
from edgewright.quantize.interpret import run_float
from edgewright.quantize.observe import Observer, observe
from edgewright.quantize.progress import Progress, Ticker
from edgewright.quantize.ranges import METHODS
from edgewright.quantize.samples import Samples

AUTO = "auto"
#: Samples on which the methods are compared, and on which the result is judged.
TRIAL_SAMPLES, JUDGED_SAMPLES = 100, 32


@dataclass(frozen=True)
class Calibration:
    """method: the one used. errors: mean squared output error of each method tried, relative to each output's own
    variance; empty when the method was given. samples: how many calibrated. outputs: how well int8 holds each.
    warnings: what the user must hear, a line each.
    """

    method: str
    errors: dict[str, float]
    samples: int
    outputs: tuple[OutputQuality, ...] = ()
    warnings: tuple[str, ...] = ()


def calibrate(
    graph: Graph[Op],
    samples: Samples,
    integer_form: Callable[[Graph[Op]], Graph[Contract]],
    method: str = AUTO,
    progress: Progress | None = None,
) -> Calibration:
    """Annotate `graph` from `samples`, its channels of unequal weights equalized before.

    integer_form: gives the integer graph of an annotated one. method: one of `METHODS`, or "auto": each is tried, and
    the one with the least output error wins. progress: told after every run of a sample, of which there are two, and
    in "auto" up to five more; then after each that is judged.

    Raises:
        UsageError: no such method, or data that `observe` refuses.
        UnsupportedError: no method gives a model that fits integers.
    """
    if method not in (AUTO, *METHODS):
        raise UsageError(f"--method {method}: none of {', '.join((AUTO, *METHODS))}")
    equalize_channels(graph)
    trial, judged = samples.spread(TRIAL_SAMPLES), samples.spread(JUDGED_SAMPLES)
    tried = len(trial) * (1 + len(METHODS)) if method == AUTO else 0
    ticker = Ticker(progress, 2 * len(samples) + tried + len(judged))
    observers = observe(graph, ticker.over(samples))
    errors: dict[str, float] = {}
    if method == AUTO:
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
        method = min(errors, key=lambda name: errors[name])
    wanted = [run_float(graph, sample) for sample in judged]
    own = {value for value in graph.values() if value.quant is not None}
    annotate(graph, observers, method)
    outputs = judge_outputs(graph, own, list(ticker.over(judged)), wanted, integer_form)
    warnings = [*_warnings_of(samples), *(line for output in outputs for line in output.warnings)]
    return Calibration(method, errors, len(samples), tuple(outputs), tuple(warnings))


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
    integer_form: Callable[[Graph[Op]], Graph[Contract]],
) -> Graph[Contract]:
    twin, values = clone_with_values(graph)
    annotate(twin, {values[v]: seen for v, seen in observers.items() if v in values}, method)
    return integer_form(twin)
