"""The compiler as one readable list, from a model file to a plan: the only caller of lowering and planning.

    model file -> import -> SIMPLIFY -> scales -> LAYOUT -> lower -> plan

Every stage gives something new and leaves what it was given as it is. Graphs are verified behind each pass and behind
the lowering.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgewright.compress import check_quality
from edgewright.contracts import Contract
from edgewright.errors import UsageError
from edgewright.frontend import ModelFile, import_model
from edgewright.ir import Graph
from edgewright.ir.clone import clone
from edgewright.kernels import Goal
from edgewright.ops import Op
from edgewright.ops.macs import total_macs
from edgewright.options import CompileOptions
from edgewright.passes import LAYOUT, SIMPLIFY, run_passes
from edgewright.plan import Plan, make_plan
from edgewright.quantize import (
    Progress,
    Samples,
    Widths,
    annotate,
    calibrate,
    has_scales,
    lower_graph,
    named_samples,
    observe,
    random_samples,
)
from edgewright.targets import Cpu

#: More calibration samples than this change nothing but the time they take.
MAX_CALIBRATION = 256
#: What helps when weights of a kind lose too much.
ADVICE = {
    "int8": "give more calibration data, or allow more with --max-drop",
    "int4": "take --weights mixed, give more calibration data, or allow more with --max-drop",
    "mixed": "give more calibration data, or allow more with --max-drop",
}


@dataclass(frozen=True, eq=False)
class FloatModel:
    """file: as read. graph: imported and simplified. macs: multiply-accumulates before anything was removed."""

    file: ModelFile
    graph: Graph[Op]
    macs: int


@dataclass(frozen=True, eq=False)
class ScaledModel:
    """graph: that of `model`, still in ONNX semantics, with a scale on every value. quantization: whence they are."""

    model: FloatModel
    graph: Graph[Op]
    quantization: dict[str, Any]


@dataclass(frozen=True, eq=False)
class PlannedModel:
    """What is known of a model once it can be written as C."""

    scaled: ScaledModel
    plan: Plan


def compiled(
    file: ModelFile, calib: str | Path | None, cpu: Cpu, options: CompileOptions, progress: Progress | None = None
) -> PlannedModel:
    """The whole way of a model file to its plan for `cpu`; calib and Raises as in each stage."""
    model = simplified(file, options.shapes)
    scaled = with_scales(model, calib, options.method, progress, weights=options.weights, max_drop=options.max_drop)
    integer = integer_form(scaled.graph)
    return PlannedModel(scaled, planned(integer, cpu, options.goal, options.threads))


def simplified(file: ModelFile, shapes: Mapping[str, tuple[int, ...]] | None = None) -> FloatModel:
    """The float graph of a model file, as small as exact rewrites make it.

    Raises:
        UnsupportedError: nodes that cannot be imported, all of them.
    """
    graph = import_model(file, shapes)
    macs = total_macs(graph)
    run_passes(graph, SIMPLIFY)
    return FloatModel(file, graph, macs)


def with_scales(
    model: FloatModel,
    calib: str | Path | None,
    method: str = "auto",
    progress: Progress | None = None,
    *,
    weights: str = "int8",
    max_drop: float | None = None,
) -> ScaledModel:
    """The model with a scale on every value, and weights that are integers of 8 bits or fewer.

    calib: a `.npz`, "random", or None for a model that arrived quantized. method, weights, max_drop: see
    `CompileOptions`.

    Raises:
        UsageError: a float model without calibration data, or bad data.
        AccuracyError: more is lost than may be.
    """
    graph, widths = clone(model.graph), Widths.named(weights)
    if calib is None:
        if widths.narrow or max_drop is not None:
            what = f"--weights {weights}" if widths.narrow else "--max-drop"
            raise UsageError(f"{model.file.path.name}: {what} is measured on samples; give --calib DATA.npz")
        if not has_scales(graph):
            raise UsageError(
                f"{model.file.path.name}: a float model needs calibration data; give --calib DATA.npz (or random)"
            )
        annotate(graph, None)
        return ScaledModel(model, graph, {"method": "model", "samples": 0, "representative": True})
    samples = calibration_samples(calib, graph)
    result = calibrate(graph, samples, integer_form, method, progress, widths=widths, max_drop=max_drop)
    rounded = result.weights
    if rounded is not None and rounded.quality is not None and rounded.max_drop is not None:
        check_quality(model.file.path.name, rounded.quality, rounded.max_drop, ADVICE[widths.kind])
    quantization = {
        "method": result.method,
        "samples": result.samples,
        "representative": samples.representative,
        "errors": result.errors,
        **({} if rounded is None else {"weights": rounded.to_json(weights)}),
        "outputs": [{**asdict(output), "snr_db": round(output.snr_db, 2)} for output in result.outputs],
        "warnings": list(result.warnings),
        "notes": list(samples.notes),
    }
    return ScaledModel(model, graph, quantization)


def calibration_samples(calib: str | Path, graph: Graph[Op]) -> Samples:
    """The calibration data named by the user, thinned to `MAX_CALIBRATION`."""
    return named_samples(calib, graph.inputs).spread(MAX_CALIBRATION)


def integer_form(graph: Graph[Op]) -> Graph[Contract]:
    """The integer graph, channels last, of a float graph whose values all have a scale.

    Raises:
        UnsupportedError: nodes whose arithmetic does not fit integers, all of them.
    """
    turned = clone(graph)
    run_passes(turned, LAYOUT)
    return lower_graph(turned)


def planned(integer: Graph[Contract], cpu: Cpu, goal: Goal = Goal.BALANCED, threads: int = 1) -> Plan:
    """Kernels, order and arena of an integer graph; Raises as `make_plan`."""
    return make_plan(integer, cpu.isas, goal, threads)


def trial_plan(model: FloatModel, cpu: Cpu) -> Plan:
    """A plan with scales from one random sample: sizes do not depend on the data."""
    graph = clone(model.graph)
    whole = all(value.quant is not None for node in graph.nodes for value in node.outputs)
    annotate(graph, None if whole else observe(graph, random_samples(graph.inputs, 1)))
    return planned(integer_form(graph), cpu)
