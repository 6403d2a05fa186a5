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
from edgewright.quantize.choose import annotate
from edgewright.quantize.interpret import run_float, run_integer
from edgewright.quantize.observe import Observer, observe
from edgewright.quantize.progress import Progress, Ticker
from edgewright.quantize.ranges import METHODS
from edgewright.quantize.samples import Samples

AUTO = "auto"
#: Samples on which the methods are compared.
TRIAL_SAMPLES = 100


@dataclass(frozen=True)
class Calibration:
    """method: the one used. errors: mean squared output error of each method tried, relative to the
    output's own variance; empty when the method was given. samples: how many calibrated.
    """

    method: str
    errors: dict[str, float]
    samples: int


def calibrate(
    graph: Graph[Op],
    samples: Samples,
    integer_form: Callable[[Graph[Op]], Graph[Contract]],
    method: str = AUTO,
    progress: Progress | None = None,
) -> Calibration:
    """Annotate `graph` from `samples`.

    integer_form: gives the integer graph of an annotated one. method: one of `METHODS`, or "auto": each is tried, and
    the one with the least output error wins. progress: told after every run of a sample, of which there are two, and
    in "auto" up to five more.

    Raises:
        UsageError: no such method, or data that `observe` refuses.
        UnsupportedError: no method gives a model that fits integers.
    """
    if method not in (AUTO, *METHODS):
        raise UsageError(f"--method {method}: none of {', '.join((AUTO, *METHODS))}")
    trial = samples.spread(TRIAL_SAMPLES)
    ticker = Ticker(progress, 2 * len(samples) + (len(trial) * (1 + len(METHODS)) if method == AUTO else 0))
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
    annotate(graph, observers, method)
    return Calibration(method, errors, len(samples))


def output_error(
    integer: Graph[Contract], samples: Iterable[Sequence[np.ndarray]], wanted: Sequence[Sequence[np.ndarray]]
) -> float:
    """Mean squared difference of the integer graph's outputs from `wanted`, relative to their variance.

    wanted: per sample, the float outputs in the model's own axis order.
    """
    total, scale = 0.0, 0.0
    for sample, reference in zip(samples, wanted, strict=True):
        outputs = run_integer(integer, quantized_inputs(integer, sample))
        for value, got, want in zip(integer.outputs, outputs, reference, strict=True):
            if value.quant is None or value.dtype != "int8":
                continue
            real = value.quant.dequantize(in_model_order(got, value.model_perm)).astype(np.float64)
            total += float(((real - want) ** 2).sum())
            scale += float(((want - want.mean()) ** 2).sum()) + 1e-12
    return total / max(scale, 1e-12)


def quantized_inputs(integer: Graph[Contract], sample: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Float inputs in the model's axis order as int8 in the integer graph's."""
    result = []
    for value, data in zip(integer.inputs, sample, strict=True):
        assert value.quant is not None
        stored = data if value.model_perm is None else data.transpose(value.model_perm)
        result.append(value.quant.quantize(np.ascontiguousarray(stored)))
    return result


def in_model_order(data: np.ndarray, model_perm: Sequence[int] | None) -> np.ndarray:
    """A stored tensor with its axes as the model has them."""
    return data if model_perm is None else data.transpose(np.argsort(model_perm))


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
