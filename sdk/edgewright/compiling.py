"""From a model to a generated directory: the stages of `edgewright compile`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.artifact import Manifest, check_folder
from edgewright.artifact.layout import RUNTIME_SOURCES
from edgewright.emit import Origin, check_name, write_directory
from edgewright.emit.names import name_from_path
from edgewright.emit.sources import constant_bytes
from edgewright.errors import BudgetError, UsageError
from edgewright.frontend import ModelFile
from edgewright.ir import Graph
from edgewright.kernels.code_bytes import code_bytes
from edgewright.kernels.price import OPTIMIZE
from edgewright.ops import Op
from edgewright.pipeline import load_graph, to_channels_last
from edgewright.plan import MOST_THREADS, Plan, make_plan
from edgewright.quantize import Samples, annotate, calibrate, has_scales, load_samples, lower_graph, random_samples
from edgewright.quantize.progress import Progress
from edgewright.targets import Target, resolve_target

GOALS = ("time", "ram", "flash", "balanced")
#: More calibration samples than this change nothing but the time they take.
MAX_CALIBRATION = 256
#: Planned flash beside constants and kernels, of each layer and of the rest; `build` measures the real figure.
LAYER_FLASH_BYTES, BASE_FLASH_BYTES = 80, 600


@dataclass(frozen=True, eq=False)
class Quantized:
    """A model whose values all have scales, before the layout changes. quantization: how they were chosen."""

    model: ModelFile
    graph: Graph[Op]
    float_macs: int
    quantization: dict[str, Any]


def quantize_model(
    path: Path,
    calib: str | Path | None,
    method: str = "auto",
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    progress: Progress | None = None,
) -> Quantized:
    """Load, simplify and annotate a model.

    calib: a `.npz`, "random", or None for a model that arrived quantized.

    Raises:
        UsageError: a float model without calibration data, or bad data.
    """
    loaded = load_graph(path, shapes)
    model, graph, macs = loaded.file, loaded.graph, loaded.macs
    if calib is None:
        if not has_scales(graph):
            raise UsageError(f"{path.name}: a float model needs calibration data; give --calib DATA.npz (or random)")
        annotate(graph, None)
        return Quantized(model, graph, macs, {"method": "model", "samples": 0, "representative": True})
    samples = calibration_samples(calib, graph)
    result = calibrate(graph, samples, to_channels_last, method, progress)
    quantization = {
        "method": result.method,
        "samples": result.samples,
        "representative": samples.representative,
        "errors": result.errors,
        "outputs": [
            {"name": v.name, "snr_db": round(v.snr_db, 2), "levels": v.levels, "cause": v.cause} for v in result.outputs
        ],
        "warnings": list(result.warnings),
        "notes": list(samples.notes),
    }
    return Quantized(model, graph, macs, quantization)


def calibration_samples(calib: str | Path, graph: Graph[Op]) -> Samples:
    """The calibration data named by the user, thinned to `MAX_CALIBRATION`."""
    if str(calib) == "random":
        return random_samples(graph.inputs)
    return load_samples(Path(calib), graph.inputs).spread(MAX_CALIBRATION)


def plan_model(quantized: Quantized, target: Target, goal: str = "balanced", threads: int = 1) -> Plan:
    """The plan of a quantized model for a target; changes the graph's layout in place."""
    to_channels_last(quantized.graph)
    return make_plan(lower_graph(quantized.graph), target.cpu.isas, goal, threads)


def compile_model(
    path: Path,
    target_name: str,
    calib: str | Path | None,
    folder: Path,
    *,
    name: str | None = None,
    goal: str = "balanced",
    method: str = "auto",
    threads: int = 1,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Compile the model in `path` for a CPU or board into `folder`; the manifest with the planned sizes.

    threads: how many may work on one layer; more than one only where Linux runs.

    Raises:
        UsageError, UnsupportedError: see `load_graph`, `quantize_model`.
        BudgetError: the arena or the constants exceed the board's memory.
    """
    prefix = check_name(name) if name is not None else name_from_path(path.stem)
    if goal not in GOALS:
        raise UsageError(f"-O {goal}: none of {', '.join(GOALS)}")
    target = resolve_target(target_name)
    check_threads(threads, target)
    check_folder(folder)
    quantized = quantize_model(path, calib, method, shapes, progress)
    source = quantized.model.fixed_bytes(quantized.graph)
    plan = plan_model(quantized, target, goal, threads)
    check_fits(plan, target, path.name)
    origin = Origin(
        model_file=path.name,
        model_sha256=quantized.model.sha256,
        cpu=target.cpu.name,
        board=target.board.name if target.board else None,
        optimize=OPTIMIZE[goal],
        goal=goal,
        quantization=quantized.quantization,
        shapes=dict(shapes or {}),
        float_macs=quantized.float_macs,
    )
    manifest = write_directory(plan, origin, prefix, folder, source)
    found = {"threads": plan.threads} if threads > 1 else {}
    return {**manifest.to_json(), **found, "flash_bytes": planned_flash(manifest), "directory": str(folder)}


def check_threads(threads: int, target: Target) -> None:
    """Raise UsageError when `threads` is out of range, or the target runs no threads."""
    if not 1 <= threads <= MOST_THREADS:
        raise UsageError(f"-j {threads}: must be 1 to {MOST_THREADS}")
    if threads > 1 and not target.arch.threads:
        raise UsageError(f"-j {threads}: {target.name} has one core and no threads; leave -j out, or compile for Linux")


def check_fits(plan: Plan, target: Target, model: str) -> None:
    """Raise BudgetError when the arena or the constants exceed the memory of the target's board."""
    board = target.board
    if board is None:
        return
    where, room = f"{model} on {board.name}", board.ram.bytes - board.stack_bytes
    advice = "prune the model or take a larger board"
    if plan.arena_bytes > room:
        raise BudgetError(
            f"{where}: arena needs {plan.arena_bytes:,} bytes, RAM has {room:,} beside the stack; "
            f"peak at '{plan.peak_layer}'; {advice}"
        )
    constants = constant_bytes(plan)
    if constants > board.flash.bytes:
        raise BudgetError(f"{where}: constants need {constants:,} bytes, flash has {board.flash.bytes:,}; {advice}")


def planned_flash(manifest: Manifest) -> int:
    """Estimated flash of the minimal program of a generated directory."""
    prefix = f"{RUNTIME_SOURCES}/"
    sources = [source.removeprefix(prefix) for source in manifest.sources if source.startswith(prefix)]
    kernels = code_bytes(sources, manifest.target.cpu.isas, manifest.optimize)
    return _flash(manifest.weights_bytes, kernels, len(manifest.layers))


def flash_of(plan: Plan, target: Target) -> int:
    """Estimated flash of the minimal program of a plan that was made for `target` with the goal "balanced"."""
    sources = {source for layer in plan.layers for source in layer.kernel.sources}
    kernels = code_bytes(sources, target.cpu.isas, OPTIMIZE["balanced"])
    return _flash(constant_bytes(plan), kernels, len(plan.layers))


def _flash(constants: int, kernels: int, layers: int) -> int:
    return constants + kernels + LAYER_FLASH_BYTES * layers + BASE_FLASH_BYTES
