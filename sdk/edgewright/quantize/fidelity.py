"""How well int8 holds each output of a model on calibration data, and what it is that loses it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from edgewright.contracts import Contract
from edgewright.errors import UnsupportedError
from edgewright.ir import Graph, Node, Value
from edgewright.ops import Op
from edgewright.ops.base import ScaleRule
from edgewright.ops.concat import Concat
from edgewright.ops.transpose import Transpose
from edgewright.quantize.interpret import run_integer
from edgewright.quantize.stored import in_model_order, quantized_inputs

#: Below this many decibels of signal over noise, or this many steps from least to largest value, the user is told.
LEAST_DB = 20.0
LEAST_LEVELS = 32
#: What a noise-free output is said to have; no warning compares with it.
MOST_DB = 200.0
#: Samples on which each layer alone is quantized, to find the one that loses most.
BLAME_SAMPLES = 2


@dataclass(eq=False)
class Spread:
    """Values of one output over samples, added up: their variance, and how far others are from them."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    errors: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    def add(self, wanted: np.ndarray, got: np.ndarray) -> None:
        """One sample."""
        a, b = wanted.astype(np.float64), got.astype(np.float64).reshape(wanted.shape)
        self.count += a.size
        self.total += float(a.sum())
        self.squares += float((a * a).sum())
        self.errors += float(((a - b) ** 2).sum())
        self.low, self.high = min(self.low, float(a.min())), max(self.high, float(a.max()))

    @property
    def relative_error(self) -> float:
        """Mean squared error over the variance; over the mean square for an output that never changes."""
        power = self.squares / max(self.count, 1)
        variance = power - (self.total / max(self.count, 1)) ** 2
        signal = variance if variance > 1e-9 * power else power
        return self.errors / max(self.count, 1) / signal if signal else float(self.errors > 0)

    @property
    def decibels(self) -> float:
        """Signal over noise."""
        error = self.relative_error
        return MOST_DB if error <= 10 ** (-MOST_DB / 10) else -10 * math.log10(error)


@dataclass(frozen=True)
class OutputQuality:
    """One output on the calibration data.

    snr_db: variance of the float output over the mean squared error of the integer one. levels: int8 steps between the
    least and the largest value. cause: what adds most of the noise, where it was looked for.
    """

    name: str
    snr_db: float
    levels: int
    cause: str | None = None

    @property
    def warnings(self) -> list[str]:
        """What the user must hear, a line each."""
        found = []
        if self.snr_db < LEAST_DB:
            found.append(f"{self.snr_db:.1f} dB of signal over noise, less than {LEAST_DB:g}")
        if self.levels < LEAST_LEVELS:
            found.append(f"its values span {self.levels} of 255 steps")
        blame = "" if self.cause is None else f"; most of the loss comes from {self.cause}"
        return [f"output '{self.name}': {text}{blame}" for text in found]


@dataclass(frozen=True)
class Part:
    """A piece of output `index`: from `start` to `stop` along `axis` of the model, all of it by default.

    source: the value that was joined there.
    """

    index: int
    axis: int = 0
    start: int = 0
    stop: int | None = None
    source: str = ""

    def of(self, output: np.ndarray) -> np.ndarray:
        """The piece of an output in the model's axis order."""
        return output if self.stop is None else output.take(range(self.start, self.stop), self.axis)

    def label(self, output: str) -> str:
        """What to call it, of an output of this name."""
        whole = self.stop is None
        return output if whole else f"{output}[{self.start}:{self.stop}] along axis {self.axis} ('{self.source}')"


def output_spreads(
    integer: Graph[Contract],
    samples: Iterable[Sequence[np.ndarray]],
    wanted: Sequence[Sequence[np.ndarray]],
    parts: Iterable[Part] = (),
) -> dict[Part, Spread]:
    """Of each int8 output of the integer graph, and of `parts` of them.

    wanted: per sample, the float outputs in the model's own axis order.
    """
    whole = [Part(k) for k, v in enumerate(integer.outputs) if v.quant is not None and v.dtype == "int8"]
    spreads = {part: Spread() for part in (*whole, *(part for part in parts if Part(part.index) in whole))}
    for sample, reference in zip(samples, wanted, strict=True):
        outputs = run_integer(integer, quantized_inputs(integer, sample))
        for part, spread in spreads.items():
            value = integer.outputs[part.index]
            assert value.quant is not None
            real = value.quant.dequantize(in_model_order(outputs[part.index], value.model_perm))
            spread.add(part.of(reference[part.index]), part.of(real.reshape(reference[part.index].shape)))
    return spreads


def joined_parts(graph: Graph[Op]) -> list[Part]:
    """What a Concat at an output joined, piece by piece: one scale serves all, and small numbers may vanish in it."""
    producers = graph.producers()
    parts = []
    for index, value in enumerate(graph.outputs):
        node, order = producers.get(value), list(range(len(value.shape)))
        while node is not None and isinstance(node.op, Transpose):
            order = [node.op.perm[a] for a in order]
            node = producers.get(node.operand(0))
        if node is None or not isinstance(node.op, Concat):
            continue
        start, axis = 0, order.index(node.op.axis)
        for operand in node.inputs:
            assert operand is not None
            stop = start + operand.shape[node.op.axis]
            parts.append(Part(index, axis, start, stop, operand.name))
            start = stop
    return parts


def judge_outputs(
    annotated: Graph[Op],
    own: set[Value],
    samples: Sequence[Sequence[np.ndarray]],
    wanted: Sequence[Sequence[np.ndarray]],
    integer_form: Callable[[Graph[Op]], Graph[Contract]],
) -> list[OutputQuality]:
    """The quality of each int8 output; nothing when the graph cannot be lowered, which whoever lowers it says.

    annotated: every value has its scale. own: those whose scale the model brought. wanted: see `output_spreads`.
    """
    try:
        integer = integer_form(annotated)
    except UnsupportedError:
        return []
    judged = []
    for part, spread in output_spreads(integer, samples, wanted, joined_parts(annotated)).items():
        quant = integer.outputs[part.index].quant
        assert quant is not None
        levels = min(round((spread.high - spread.low) / quant.scale), 255)
        cause = None
        if (spread.decibels < LEAST_DB or levels < LEAST_LEVELS) and spread.high > spread.low:
            cause = Blame(annotated, own, integer_form).main_cause(part, samples[:BLAME_SAMPLES])
        judged.append(OutputQuality(part.label(annotated.outputs[part.index].name), spread.decibels, levels, cause))
    return judged


@dataclass(eq=False)
class Blame:
    """Quantizes one layer of a graph at a time, and leaves the others float.

    graph: float operations whose values have scales. own: values that are rounded in any case, because the model says
    so.
    """

    graph: Graph[Op]
    own: set[Value]
    integer_form: Callable[[Graph[Op]], Graph[Contract]]
    alone: dict[Node[Op], Graph[Contract] | None] = field(default_factory=dict)

    def main_cause(self, part: Part, samples: Sequence[Sequence[np.ndarray]]) -> str | None:
        """What alone makes the largest error of a part: a layer, or the steps of an input; None when none does.

        A layer alone reads int8, so that it repeats the error of what it reads: of those that are near the largest
        error the first is named.
        """
        errors: dict[Value | Node[Op], float] = {}
        for sample in samples:
            known = dict(zip(self.graph.inputs, sample, strict=True))
            self._continue(known, 0)
            clean = self._seen(known, part)
            for value, data in zip(self.graph.inputs, sample, strict=True):
                assert value.quant is not None
                noisy = {**known, value: value.quant.dequantize(value.quant.quantize(data))}
                errors[value] = errors.get(value, 0.0) + self._distance(noisy, 0, part, clean)
            for index, node in enumerate(self.graph.nodes):
                results = self._run_alone(node, known)
                if results is not None:
                    noisy = {**known, **dict(zip(node.outputs, results, strict=True))}
                    errors[node] = errors.get(node, 0.0) + self._distance(noisy, index + 1, part, clean)
        largest = max(errors.values(), default=0.0)
        if largest == 0.0:
            return None
        worst = next(item for item, error in errors.items() if error >= largest / 2)
        if isinstance(worst, Value):
            return f"the steps of input '{worst.name}', one scale for all its values"
        return f"'{worst.name}' ({worst.op.mnemonic})"

    def _continue(self, known: dict[Value, np.ndarray], start: int) -> None:
        """Compute what comes after `start` nodes, into `known`."""
        for node in self.graph.nodes[start:]:
            operands = [None if v is None else (known[v] if v.data is None else v.data) for v in node.inputs]
            for value, data in zip(node.outputs, node.op.evaluate(*operands), strict=False):
                rounded = value.quant is not None and value in self.own
                known[value] = value.quant.dequantize(value.quant.quantize(data)) if rounded else data  # type: ignore[union-attr]

    def _seen(self, known: dict[Value, np.ndarray], part: Part) -> np.ndarray:
        return part.of(known[self.graph.outputs[part.index]]).astype(np.float64)

    def _distance(self, known: dict[Value, np.ndarray], start: int, part: Part, clean: np.ndarray) -> float:
        self._continue(known, start)
        with np.errstate(invalid="ignore"):
            error = float(((self._seen(known, part) - clean) ** 2).sum())
        return math.inf if math.isnan(error) else error

    def _run_alone(self, node: Node[Op], known: dict[Value, np.ndarray]) -> list[np.ndarray] | None:
        """The outputs of a node that alone is an integer layer; None when it loses nothing, or cannot be alone."""
        inputs = list(dict.fromkeys(v for v in node.inputs if v is not None and not v.is_const))
        if not inputs:
            return None
        if node not in self.alone:
            same = node.op.scale_rule is ScaleRule.SAME and node.outputs[0].quant == inputs[0].quant
            single = Graph(self.graph.name, inputs, list(node.outputs), [node])
            try:
                self.alone[node] = None if same else self.integer_form(single)
            except UnsupportedError:
                self.alone[node] = None
        integer = self.alone[node]
        if integer is None or any(v.dtype != "int8" for v in integer.outputs):
            return None
        results = run_integer(integer, quantized_inputs(integer, [known[value] for value in inputs]))
        return [
            value.quant.dequantize(in_model_order(data, value.model_perm))
            for value, data in zip(integer.outputs, results, strict=True)
            if value.quant is not None
        ]
