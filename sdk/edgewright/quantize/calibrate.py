"""Chooses the calibration method by what it does to the model's output."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgewright.contracts import Contract
from edgewright.errors import UnsupportedError, UsageError
from edgewright.ir import Graph, Value
from edgewright.ops import Op
from edgewright.ops.softmax import Softmax
from edgewright.quantize.choose import annotate
from edgewright.quantize.interpret import run_float, run_integer
from edgewright.quantize.lower import lower_graph
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
    to_channels_last: Callable[[Graph[Op]], None],
    method: str = AUTO,
    progress: Progress | None = None,
) -> Calibration:
    """Annotate `graph` from `samples`.

    method: one of `METHODS`, or "auto": each is tried, and the one with the least output error wins. progress: told
    after every run of a sample, of which there are two, and in "auto" up to five more.

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
                quantized = _quantized_copy(open_graph, open_observers, name, to_channels_last)
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


def _without_softmax(graph: Graph[Op], observers: dict[Value, Observer]) -> tuple[Graph[Op], dict[Value, Observer]]:
    """A copy that ends before a final softmax, whose saturation would hide the error."""
    twin, memo = _copy(graph)
    producers = twin.producers()
    ends = [producers.get(v) for v in twin.outputs]
    twin.outputs = [
        node.operand(0) if node is not None and isinstance(node.op, Softmax) else value
        for value, node in zip(twin.outputs, ends, strict=True)
    ]
    twin.prune()
    return twin, {memo[v]: seen for v, seen in observers.items()}


def _quantized_copy(
    graph: Graph[Op], observers: dict[Value, Observer], method: str, to_channels_last: Callable[[Graph[Op]], None]
) -> Graph[Contract]:
    twin, memo = _copy(graph)
    annotate(twin, {memo[v]: seen for v, seen in observers.items() if v in memo}, method)
    to_channels_last(twin)
    return lower_graph(twin)


def _copy(graph: Graph[Op]) -> tuple[Graph[Op], dict[Value, Value]]:
    """A deep copy that shares the constants' arrays, and the map from old to new values."""
    arrays = {id(v.data): v.data for v in graph.values() if v.data is not None}
    memo: dict[int, Any] = dict(arrays)
    twin = copy.deepcopy(graph, memo)
    return twin, {v: memo[id(v)] for v in graph.values() if id(v) in memo}
