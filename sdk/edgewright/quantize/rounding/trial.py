"""A way of rounding, tried: learned on some samples, judged on others with the integer arithmetic that will run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edgewright.compress.activations import Sample, affordable, run_all
from edgewright.compress.quality import Judge, Quality
from edgewright.contracts import Contract
from edgewright.ir import Graph, Value
from edgewright.ir.clone import clone
from edgewright.ops import Op
from edgewright.ops.macs import total_macs
from edgewright.ops.softmax import end_before_softmax
from edgewright.quantize.fidelity import Spread
from edgewright.quantize.interpret import run_float, run_integer
from edgewright.quantize.rounding.layer import NIBBLE, Layer, free_layers
from edgewright.quantize.rounding.network import each_alone, round_weights
from edgewright.quantize.rounding.recipe import Rounding
from edgewright.quantize.samples import Samples
from edgewright.quantize.stored import in_model_order, quantized_inputs

#: Samples on which each layer alone is rounded: as many of the second number as multiply-accumulates in all allow.
LEAST_ALONE, MOST_ALONE, WORK = 4, 48, 1e11

IntegerForm = Callable[[Graph[Op]], Graph[Contract]]


@dataclass(frozen=True, eq=False)
class Trial:
    """graph: rounded, with scales. error: mean squared error of its outputs on held-out samples over their variance.

    outputs: what it gave there before a final softmax, [samples, *shape] each.
    """

    graph: Graph[Op]
    rounding: Rounding
    widths: Mapping[int, int]
    error: float
    outputs: Sequence[np.ndarray]


class Trials:
    """Ways of rounding one network on the same samples.

    original, annotated: see `round_weights`; both stay as they are. learn: what rounding learns from. held: others, to
    judge on. done: told of every trial.
    """

    def __init__(
        self,
        original: Graph[Op],
        annotated: Graph[Op],
        learn: Samples,
        held: Samples,
        integer_form: IntegerForm,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self.original, self.annotated, self.held = original, annotated, held
        self.layers = free_layers(annotated)
        self._learn, self._integer_form, self._done = list(learn), integer_form, done
        self._ends = _open_ended(original)
        self._wanted = _stacked(run_float(self._ends, sample) for sample in held)

    def __call__(self, rounding: Rounding, widths: Mapping[int, int]) -> Trial:
        """One of them. Raises UnsupportedError when its numbers do not fit the integers."""
        graph = clone(self.annotated)
        round_weights(self.original, graph, self._learn, rounding, widths)
        integer = self._integer_form(_open_ended(graph))
        outputs = _stacked(_real_outputs(integer, sample) for sample in self.held)
        errors = [
            _relative_error(a, b)
            for value, a, b in zip(integer.outputs, self._wanted, outputs, strict=True)
            if value.dtype == "int8"
        ]
        self._done()
        return Trial(graph, rounding, widths, sum(errors) / max(len(errors), 1), outputs)

    def quality(self, trial: Trial) -> Quality:
        """What it cost, in the words of pruning."""
        judge = Judge(
            self.original,
            self.held,
            self.held.labels,
            random=not self.held.representative,
            source=self.held.source,
            before=self._wanted,
        )
        return judge.compare([value.name for value in self._ends.outputs], trial.outputs)

    def errors_alone(self) -> dict[int, float]:
        """By index of its node: the error of the outputs when that layer alone has 4 bits, and all else is float.

        The layers that may have 4 bits, on held-out samples.
        """
        narrow = {index: layer for index, layer in self.layers.items() if layer.narrows}
        most = int(WORK / max(1, len(narrow) * total_macs(self.original)))
        count = min(max(LEAST_ALONE, most), MOST_ALONE, affordable(self.original))
        used = list(self.held.spread(count))
        wanted = run_all(self._ends, used)
        errors = {}
        for index, (made, bias) in each_alone(self.original, narrow, self._learn[:count], NIBBLE).items():
            graph = clone(self.original)
            layer = replace(narrow[index], form=replace(narrow[index].form, node=graph.nodes[index]))
            layer.take_weights(made)
            layer.take_bias(graph, bias)
            pairs = zip(wanted, run_all(_open_ended(graph), used), strict=True)
            errors[index] = float(np.mean([_relative_error(a, b) for a, b in pairs]))
        self._done()
        return errors


def bytes_saved(layer: Layer) -> int:
    """By 4 bits instead of 8."""
    return layer.weight_bytes(8) - layer.weight_bytes(NIBBLE)


def _open_ended(graph: Graph[Op]) -> Graph[Op]:
    """A copy that ends before its final softmaxes."""
    copy = clone(graph)
    end_before_softmax(copy)
    return copy


def _real_outputs(integer: Graph[Contract], sample: Sample) -> list[np.ndarray]:
    results = run_integer(integer, quantized_inputs(integer, sample))
    return [_real(value, data) for value, data in zip(integer.outputs, results, strict=True)]


def _real(value: Value, data: np.ndarray) -> np.ndarray:
    turned = in_model_order(data, value.model_perm)
    return turned if value.quant is None or value.dtype != "int8" else value.quant.dequantize(turned)


def _stacked(rows: Iterator[list[np.ndarray]]) -> list[np.ndarray]:
    return [np.stack(column) for column in zip(*rows, strict=True)]


def _relative_error(wanted: np.ndarray, got: np.ndarray) -> float:
    spread = Spread()
    spread.add(wanted, got)
    return spread.relative_error
