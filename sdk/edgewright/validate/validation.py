"""One data set through float model, integer reference and places."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from edgewright.artifact import Directory, exclusive
from edgewright.artifact.layout import BUILD
from edgewright.build import build
from edgewright.contracts import Contract
from edgewright.contracts.softmax import LogSoftmaxS8, SoftmaxS8
from edgewright.errors import UsageError
from edgewright.ir import Graph
from edgewright.quantize import Progress, Samples, in_model_order, quantized_inputs, run_integer
from edgewright.run import Runner, open_runner
from edgewright.run.journal import JournaledRunner, journaled
from edgewright.targets import Runs
from edgewright.validate.float_model import FloatModel
from edgewright.validate.metrics import Comparison, predicted
from edgewright.validate.twin import drop_sources, host_twin


@dataclass(eq=False)
class PlaceResult:
    """What one place did. mismatched_bytes: against the integer reference, over all samples.

    first_divergent_layer: name of the first layer that differs, on the first sample that does; None when none.
    """

    name: str
    comparison: Comparison = field(default_factory=Comparison)
    mismatched_bytes: int = 0
    total_bytes: int = 0
    first_divergent_layer: str | None = None


@dataclass(frozen=True, eq=False)
class Validation:
    """The result. labelled: whether accuracy means something. classifies: whether agreement does: with labels, or where
    the model ends in classes. float_accuracy: None without labels. reconstruction: the error of the float and of the
    integer model, None unless the output has the input's shape (an autoencoder).
    """

    samples: int
    labelled: bool
    classifies: bool
    float_accuracy: float | None
    reference: Comparison
    places: list[PlaceResult]
    reconstruction: tuple[float, float] | None

    @property
    def mismatched(self) -> bool:
        """Whether any place differs from the reference."""
        return any(place.mismatched_bytes for place in self.places)


def validate(
    directory: Directory,
    samples: Samples,
    places: Sequence[str],
    progress: Progress | None = None,
    *,
    fresh: bool = False,
) -> Validation:
    """Run `samples` at `places` ("host", "emulator", "device:PORT") and compare.

    What a device answers is kept in the directory until all is done, so that an interrupted validation goes on where
    it stopped; fresh: it begins anew.

    Raises:
        ToolError, LinkError, BudgetError: a place cannot be built or does not answer.
    """
    graph = directory.graph
    float_model = FloatModel(directory.model_path, directory.model_inputs())
    results = [PlaceResult(place) for place in places]
    reference = Comparison()
    float_correct = 0
    squared = np.zeros(2)
    autoencoder = is_autoencoder(graph)
    _check_labels(graph, samples, autoencoder)
    with ExitStack() as stack:
        runners = [stack.enter_context(_kept(directory, place, fresh)) for place in places]
        for index in range(len(samples)):
            sample = samples[index]
            label = None if samples.labels is None else int(samples.labels[index])
            wanted = [_real_float(y, v) for y, v in zip(float_model.run(sample), graph.outputs, strict=True)]
            inputs = quantized_inputs(graph, sample)
            whole = run_integer(graph, inputs)
            real = dequantized(graph, whole)
            reference.add(real, wanted, label)
            float_correct += label is not None and predicted(wanted[0]) == label
            if autoencoder:
                squared += [float(np.mean((y.reshape(-1) - sample[0].reshape(-1)) ** 2)) for y in (wanted[0], real[0])]
            for result, runner in zip(results, runners, strict=True):
                _compare(result, runner, graph, inputs, whole, wanted, label)
            if progress is not None:
                progress(index + 1, len(samples))
        for runner in runners:
            if isinstance(runner, JournaledRunner):
                runner.journal.remove()
    count = max(len(samples), 1)
    labelled = samples.labels is not None and not autoencoder
    return Validation(
        len(samples),
        labelled,
        labelled or ends_in_classes(graph),
        float_correct / count if labelled else None,
        reference,
        results,
        (float(squared[0]) / count, float(squared[1]) / count) if autoencoder else None,
    )


def is_autoencoder(graph: Graph[Contract]) -> bool:
    """Whether the model reconstructs its input: one input, one output of its size, and no softmax at the end."""
    sizes = [[value.size for value in values] for values in (graph.inputs, graph.outputs)]
    return len(graph.inputs) == 1 and sizes[0] == sizes[1] and not ends_in_classes(graph)


def ends_in_classes(graph: Graph[Contract]) -> bool:
    """Whether the first output says which class it is: it comes from a softmax, or is an index."""
    if not graph.outputs:
        return False
    first, node = graph.outputs[0], graph.producer(graph.outputs[0])
    index = first.size == 1 and np.dtype(first.dtype).kind in "iu" and first.quant is None
    return index or (node is not None and isinstance(node.op, SoftmaxS8 | LogSoftmaxS8))


def _check_labels(graph: Graph[Contract], samples: Samples, autoencoder: bool) -> None:
    """Raise UsageError when a label stands for no output: such data belong to another model."""
    first = graph.outputs[0]
    if samples.labels is None or autoencoder or first.dtype != "int8" or not len(samples):
        return
    largest = int(samples.labels.max())
    if largest >= first.size:
        raise UsageError(
            f"{samples.source}: label {largest}, the model has {first.size} outputs; give the labels of this model"
        )


def dequantized(graph: Graph[Contract], outputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Integer outputs as real values in the model's axis order."""
    real = []
    for value, data in zip(graph.outputs, outputs, strict=True):
        shaped = in_model_order(np.asarray(data).reshape(value.shape), value.model_perm)
        real.append(value.quant.dequantize(shaped) if value.quant is not None and value.dtype == "int8" else shaped)
    return real


def _real_float(output: np.ndarray, value: Any) -> np.ndarray:
    """An output of the float model; an 8-bit one is dequantized."""
    if output.dtype == np.uint8 and value.quant is not None:
        return np.asarray(value.quant.dequantize((output.astype(np.int16) - 128).astype(np.int8)))
    if output.dtype == np.int8 and value.quant is not None:
        return np.asarray(value.quant.dequantize(output))
    return output


def open_place(directory: Directory, place: str) -> Runner:
    """The model of a directory, built and ready at `place`; for the host its twin for this machine."""
    if place == "host" and directory.manifest.target.arch.runs is not Runs.LIBRARY:
        with exclusive(directory.path):
            twin = host_twin(directory)
            runner = _open_built(twin, place)
            drop_sources(twin)
            return runner
    if place.startswith("device"):
        return open_runner(directory.path, place)
    return _open_built(directory.path, place)


def _kept(directory: Directory, place: str, fresh: bool) -> Runner:
    """The runner at a place; that of a device or behind a probe with a journal."""
    runner = open_place(directory, place)
    if not place.startswith(("device", "probe:")):
        return runner
    return journaled(runner, directory.path / BUILD, place, fresh=fresh)


def _open_built(path: Path, place: str) -> Runner:
    build(path)
    return open_runner(path, place)


def _compare(
    result: PlaceResult,
    runner: Runner,
    graph: Graph[Contract],
    inputs: Sequence[np.ndarray],
    whole: Sequence[np.ndarray],
    wanted: Sequence[np.ndarray],
    label: int | None,
) -> None:
    outputs = runner.infer(list(inputs))
    wrong = 0
    for got, want in zip(outputs, whole, strict=True):
        a, b = (np.ascontiguousarray(v).reshape(-1).view(np.uint8) for v in (got, want))
        wrong += int((a != b).sum())
        result.total_bytes += a.size
    if wrong and result.first_divergent_layer is None:
        result.first_divergent_layer = first_divergence(runner, graph, inputs)
    result.mismatched_bytes += wrong
    result.comparison.add(dequantized(graph, outputs), wanted, label)


def first_divergence(runner: Runner, graph: Graph[Contract], inputs: Sequence[np.ndarray]) -> str:
    """Name of the first layer whose output differs from the reference, by one CRC-32 per layer."""
    wanted: dict[str, int] = {}
    run_integer(
        graph, inputs, lambda v, data: wanted.update({v.name: zlib.crc32(np.ascontiguousarray(data).tobytes())})
    )
    crcs = runner.trace(list(inputs))
    for layer, crc in zip(runner.manifest.layers, crcs, strict=True):
        if wanted.get(layer.output) != crc:
            return layer.name
    return "(none: only the output transfer differs)"
