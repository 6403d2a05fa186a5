"""From a model to a generated directory: the stages of `edgewright compile`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgewright.artifact import Manifest, check_folder
from edgewright.artifact.layout import RUNTIME_SOURCES
from edgewright.emit import Origin, check_name, write_directory
from edgewright.emit.names import name_from_path
from edgewright.emit.sources import constant_bytes
from edgewright.errors import BudgetError, UsageError
from edgewright.frontend import load_model
from edgewright.kernels import Goal
from edgewright.kernels.code_bytes import code_bytes
from edgewright.kernels.price import OPTIMIZE
from edgewright.options import DEFAULTS, CompileOptions
from edgewright.pipeline import compiled
from edgewright.plan import Plan
from edgewright.quantize import Progress
from edgewright.targets import Target, resolve_target

#: Planned flash beside constants and kernels, of each layer and of the rest; `build` measures the real figure.
LAYER_FLASH_BYTES, BASE_FLASH_BYTES = 80, 600


def compile_model(
    path: Path,
    target_name: str,
    calib: str | Path | None,
    folder: Path,
    options: CompileOptions = DEFAULTS,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Compile the model in `path` for a CPU or board into `folder`; the manifest with the planned sizes.

    Raises:
        UsageError, UnsupportedError: see `pipeline.compiled`.
        BudgetError: the arena or the constants exceed the board's memory.
    """
    prefix = check_name(options.name) if options.name is not None else name_from_path(path.stem)
    target = resolve_target(target_name)
    check_threads(options.threads, target)
    check_folder(folder)
    file = load_model(path)
    made = compiled(file, calib, target.cpu, options, progress)
    check_fits(made.plan, target, path.name)
    origin = Origin(
        model_file=path.name,
        model_sha256=file.sha256,
        cpu=target.cpu.name,
        board=target.board.name if target.board else None,
        optimize=OPTIMIZE[options.goal],
        goal=options.goal,
        quantization=made.scaled.quantization,
        shapes=dict(options.shapes),
        float_macs=made.scaled.model.macs,
    )
    manifest = write_directory(made.plan, origin, prefix, folder, file.fixed_bytes(made.scaled.graph))
    found = {"threads": made.plan.threads} if options.threads > 1 else {}
    return {**manifest.to_json(), **found, "flash_bytes": planned_flash(manifest), "directory": str(folder)}


def check_threads(threads: int, target: Target) -> None:
    """Raise UsageError when the target runs no threads."""
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
    kernels = code_bytes(sources, target.cpu.isas, OPTIMIZE[Goal.BALANCED])
    return _flash(constant_bytes(plan), kernels, len(plan.layers))


def _flash(constants: int, kernels: int, layers: int) -> int:
    return constants + kernels + LAYER_FLASH_BYTES * layers + BASE_FLASH_BYTES
