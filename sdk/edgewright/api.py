"""What Edgewright can do, as functions; the command line mirrors them.

Every function returns one document: plain dicts, lists, strings and numbers with a `schema_version`,
the same that `--json` prints.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from edgewright import build as building
from edgewright import compiling, demonstration
from edgewright import profile as profiling
from edgewright.artifact import Directory, Manifest, open_directory
from edgewright.blas import on_one_thread
from edgewright.compress import prune as prune_graph
from edgewright.doctor import examine
from edgewright.errors import UsageError
from edgewright.frontend import export_onnx, load_model
from edgewright.inspecting import inspect_model
from edgewright.options import DEFAULTS, CompileOptions
from edgewright.pipeline import calibration_samples, simplified, with_scales
from edgewright.quantize import Progress, named_samples
from edgewright.quantize.samples import Samples
from edgewright.report.operators import operator_table
from edgewright.targets import all_targets
from edgewright.validate import Validation, timed
from edgewright.validate import validate as run_validation

SCHEMA_VERSION = 1
#: What a profile repeats of each layer of the manifest.
LAYER_KEYS = ("name", "op", "kernel", "macs", "output_bytes")
Shapes = Mapping[str, tuple[int, ...]]
Document = dict[str, Any]


@on_one_thread
def inspect(model: Path, target: str | None = None, shapes: Shapes | None = None) -> Document:
    """What is in a model, what is unsupported and why, and whether it fits a target."""
    return {"schema_version": SCHEMA_VERSION, **inspect_model(model, target, shapes)}


@on_one_thread
def compile(
    model: Path,
    target: str,
    calib: str | Path | None,
    out: Path,
    options: CompileOptions = DEFAULTS,
    *,
    progress: Progress | None = None,
    **fields: Any,
) -> Document:
    """Compile a model for a CPU or board into the folder `out`; fields: those of `options` that differ."""
    return compiling.compile_model(model, target, calib, out, dataclasses.replace(options, **fields), progress)


@on_one_thread
def quantize(
    model: Path,
    out: Path,
    calib: str | Path | None,
    *,
    method: str = "auto",
    shapes: Shapes | None = None,
    progress: Progress | None = None,
) -> Document:
    """Write the model as int8 QDQ ONNX, which any ONNX runtime executes and `compile` takes as it is."""
    quantized = with_scales(simplified(load_model(model), shapes), calib, method, progress)
    write_file(out, export_onnx(quantized.graph, quantized=True).SerializeToString(deterministic=True))
    return {
        "schema_version": SCHEMA_VERSION,
        "model": model.name,
        "output": str(out),
        "bytes": out.stat().st_size,
        "macs": quantized.model.macs,
        "quantization": quantized.quantization,
    }


def build(directory: Path) -> Document:
    """Build the programs of a generated directory and measure them."""
    opened = open_directory(directory)
    result = building.build(directory)
    return {
        "schema_version": SCHEMA_VERSION,
        "name": opened.name,
        "target": opened.manifest.target_names,
        "elf": _path(result.elf),
        "minimal_elf": _path(result.minimal_elf),
        "library": _path(result.library),
        "elf_problem": result.elf_problem,
        "flash_bytes": result.flash_bytes,
        "ram_bytes": result.ram_bytes,
        "stack_bytes": result.stack_bytes,
        "arena_bytes": opened.manifest.arena_bytes,
        "sections": result.sections,
        "parts": result.parts,
        "stack_path": list(result.stack_path),
    }


@on_one_thread
def validate(
    directory: Path,
    data: str | Path,
    places: Sequence[str] = ("host",),
    *,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Document:
    """Compare float, integer reference and places on a data set; see `validate.validate`."""
    opened = open_directory(directory)
    inputs = opened.model_inputs()
    samples = named_samples(data, inputs)
    if limit is not None:
        if limit < 1:
            raise UsageError(f"--limit {limit}: must be 1 or more")
        samples = samples.first(limit)
    return _validation_document(opened.manifest, samples, run_validation(opened, samples, places, progress))


def profile(directory: Path, place: str = "emulator") -> Document:
    """What one inference costs: executed instructions on the emulator (in all and per layer), time elsewhere.

    `unit` says what was measured: emulated-instructions, host-time (nanoseconds) or device-cycles. `threads` is there
    when layers run on several; instructions are counted with all their shares on one thread, so that none waits.
    """
    opened = open_directory(directory)
    manifest = opened.manifest
    head = {"schema_version": SCHEMA_VERSION, "name": opened.name, "target": manifest.target_names, "place": place}
    if manifest.threads > 1:
        head["threads"] = manifest.threads
    if place != "emulator":
        return {**head, **timed(opened, place)}
    building.build(directory)
    counted = profiling.count(directory)
    layers = [
        {**{key: getattr(layer, key) for key in LAYER_KEYS}, "instructions": cost.instructions}
        for layer, cost in zip(manifest.layers, counted.layers, strict=True)
    ]
    return {
        **head,
        "unit": "emulated-instructions",
        "instructions": counted.instructions,
        "loads": counted.loads,
        "stores": counted.stores,
        "model_cycles": counted.model_cycles,
        "flash_wait_states": counted.flash_wait_states if counted.model_cycles is not None else None,
        "model_cycles_error": _cycle_error(opened, counted.model_cycles),
        "layers": layers,
    }


@on_one_thread
def prune(
    model: Path,
    out: Path,
    *,
    amount: float,
    method: str = "l1",
    round_to: int = 4,
    calib: str | Path | None = None,
    shapes: Shapes | None = None,
) -> Document:
    """Cut channels (or single weights) of a model; ONNX in, ONNX out."""
    if not 0.0 < amount < 1.0:
        raise UsageError(f"--amount {amount:g}: must be between 0 and 1")
    if round_to < 1:
        raise UsageError(f"--round-to {round_to}: must be 1 or more")
    graph = simplified(load_model(model), shapes).graph
    samples = None if calib is None else list(calibration_samples(calib, graph).spread(32))
    result = prune_graph(graph, amount, method, round_to=round_to, samples=samples)
    write_file(out, export_onnx(result.graph).SerializeToString(deterministic=True))
    return {"schema_version": SCHEMA_VERSION, "model": model.name, "output": str(out), **result.report.document()}


def report(directory: Path) -> Document:
    """The manifest of a generated directory, and its build when there is one."""
    opened = open_directory(directory)
    try:
        building.load_result(directory)
        built: Document | None = build(directory)
    except UsageError:
        built = None
    manifest = {
        **opened.manifest.to_json(),
        "flash_bytes": compiling.planned_flash(opened.manifest),
        "directory": str(directory),
    }
    return {"schema_version": SCHEMA_VERSION, "manifest": manifest, "build": built}


def targets() -> Document:
    """All CPUs and boards; `problems` has a line for each file that cannot be used."""
    cpus, boards, problems = all_targets()
    return {
        "schema_version": SCHEMA_VERSION,
        "cpus": [
            {
                "name": cpu.name,
                "summary": cpu.summary,
                "isas": list(cpu.isas),
                "compiler": cpu.compiler,
                "emulator": cpu.emulator_board or " ".join(cpu.emulator_command) or "this machine",
                "file": str(cpu.file),
            }
            for cpu in cpus
        ],
        "boards": [
            {
                "name": board.name,
                "summary": board.summary,
                "cpu": board.cpu,
                "flash_bytes": board.flash.bytes,
                "ram_bytes": board.ram.bytes,
                "clock_hz": board.clock_hz,
                "emulator": board.emulator_machine,
                "file": str(board.file),
            }
            for board in boards
        ],
        "problems": problems,
    }


def ops() -> Document:
    """All supported ONNX operators with their limits."""
    return {"schema_version": SCHEMA_VERSION, "operators": operator_table()}


def doctor() -> Document:
    """Which tools are here."""
    return {"schema_version": SCHEMA_VERSION, **examine()}


def demo(out: Path, progress: Progress | None = None) -> Document:
    """The shipped model from ONNX to an emulated board."""
    return {"schema_version": SCHEMA_VERSION, **demonstration.run(out, sys.modules[__name__], progress)}


def write_file(path: Path, data: bytes) -> None:
    """Write a whole file or none: beside it, then renamed.

    Raises:
        UsageError: it cannot be written.
    """
    with _written_beside(path) as beside:
        beside.write_bytes(data)


@contextlib.contextmanager
def _written_beside(path: Path) -> Iterator[Path]:
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    beside = Path(name)
    try:
        yield beside
        beside.chmod(0o644)
        beside.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        beside.unlink(missing_ok=True)


def _validation_document(manifest: Manifest, samples: Samples, result: Validation) -> Document:
    def scores(comparison: Any) -> Document:
        return {
            "accuracy": comparison.accuracy if result.labelled else None,
            "agreement": comparison.agreement,
            "rmse": comparison.rmse,
            "cosine": comparison.cosine,
        }

    return {
        "schema_version": SCHEMA_VERSION,
        "name": manifest.name,
        "target": manifest.target_names,
        "samples": result.samples,
        "representative": samples.representative,
        "notes": list(samples.notes),
        "float_accuracy": result.float_accuracy,
        "reconstruction_mse": None
        if result.reconstruction is None
        else {"float": result.reconstruction[0], "int8": result.reconstruction[1]},
        "reference": scores(result.reference),
        "places": {
            place.name: {
                **scores(place.comparison),
                "mismatched_bytes": place.mismatched_bytes,
                "compared_bytes": place.total_bytes,
                "first_divergent_layer": place.first_divergent_layer,
            }
            for place in result.places
        },
    }


def _cycle_error(opened: Directory, cycles: int | None) -> Document | None:
    """How far the model is from published latencies, to stand beside each of its figures."""
    if cycles is None:
        return None
    check = opened.manifest.target.cpu.cycle_check
    return {**dataclasses.asdict(check), "text": str(check)}


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)
