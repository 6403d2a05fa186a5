"""`compile`: from a model to a generated directory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from edgewright.artifact import Manifest, check_folder
from edgewright.blas import on_one_thread
from edgewright.budget import check_fits, planned_flash_of
from edgewright.emit import Origin, check_name, write_directory
from edgewright.emit.names import name_from_path
from edgewright.errors import UsageError
from edgewright.frontend import load_model
from edgewright.kernels.price import OPTIMIZE
from edgewright.options import DEFAULTS, CompileOptions
from edgewright.pipeline import PlannedModel, compiled
from edgewright.quantize import Progress
from edgewright.targets import Target, resolve_target
from edgewright.verbs.record import FLAT, OPTIONAL, Record


@dataclass(frozen=True)
class Compiled(Record):
    """A generated directory. flash_bytes: planned. threads: the most on one layer, None when not asked for."""

    manifest: Manifest = field(metadata=FLAT)
    flash_bytes: int
    directory: Path
    threads: int | None = field(default=None, metadata=OPTIONAL)


@on_one_thread
def compile(
    model: str | Path,
    target: str,
    calib: str | Path | None,
    out: str | Path,
    options: CompileOptions = DEFAULTS,
    *,
    progress: Progress | None = None,
    **fields: Any,
) -> Compiled:
    """Compile a model for a CPU or board into the folder `out`.

    calib: a `.npz`, "random", or None for a model that arrived quantized. fields: those of `options` that differ.

    Raises:
        UsageError, UnsupportedError: see `pipeline.compiled`.
        BudgetError: the arena or the constants exceed the board's memory.
    """
    model, out, options = Path(model), Path(out), replace(options, **fields)
    name = check_name(options.name) if options.name is not None else name_from_path(model.stem)
    where = resolve_target(target)
    _check_threads(options.threads, where)
    check_folder(out)
    made = compiled(load_model(model), calib, where.cpu, options, progress)
    check_fits(made.plan, where, model.name)
    source = made.scaled.model.file.fixed_bytes(made.scaled.graph)
    manifest = write_directory(made.plan, _origin(made, where, options), name, out, source)
    threads = made.plan.threads if options.threads > 1 else None
    return Compiled(manifest, planned_flash_of(manifest), out, threads)


def _origin(made: PlannedModel, target: Target, options: CompileOptions) -> Origin:
    file = made.scaled.model.file
    return Origin(
        model_file=file.path.name,
        model_sha256=file.sha256,
        cpu=target.cpu.name,
        board=target.board.name if target.board else None,
        optimize=OPTIMIZE[options.goal],
        goal=options.goal,
        quantization=made.scaled.quantization,
        shapes=dict(options.shapes),
        float_macs=made.scaled.model.macs,
    )


def _check_threads(threads: int, target: Target) -> None:
    """Raise UsageError when the target runs no threads."""
    if threads > 1 and not target.arch.threads:
        raise UsageError(f"-j {threads}: {target.name} has one core and no threads; leave -j out, or compile for Linux")
