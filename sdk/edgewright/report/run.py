"""Reports about programs: built, validated, profiled."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from edgewright.report.show import show
from edgewright.report.tables import facts, percent, table
from edgewright.targets import CycleCheck, Runs
from edgewright.verbs.build import Built
from edgewright.verbs.export import Export
from edgewright.verbs.flash import Flashed
from edgewright.verbs.new_app import NewApp
from edgewright.verbs.profile import Profiled
from edgewright.verbs.validate import Scores, Validated


@show.register
def show_built(result: Built, console: Console) -> None:
    """Measured sizes of the minimal program and where they come from."""
    stack = result.stack_bytes
    facts(
        console,
        [
            ("target", result.target.name),
            ("runner", result.elf or result.library or result.elf_problem),
            ("minimal program", result.minimal_elf),
            ("flash", f"{result.flash_bytes:,} bytes (text + rodata + data)"),
            ("RAM", f"{result.ram_bytes:,} bytes (data + bss, arena of {result.arena_bytes:,} included)"),
            ("stack", f"not bounded: {result.stack_problem}" if stack is None else f"{stack:,} bytes at most"),
        ],
    )
    rows = [[name, part["flash"], part["ram"]] for name, part in result.parts.items()]
    table(console, "Where it goes", ["part ", "flash", "RAM"], rows)


@show.register
def show_flashed(result: Flashed, console: Console) -> None:
    """The commands and what came of them."""
    start = "" if result.image_start is None else f" from {result.image_start:#010x}"
    checked = "compared after writing" if result.verified else "written; this runner cannot read it back"
    facts(
        console,
        [
            ("target", result.target.name),
            ("runner", result.runner),
            ("port", result.port),
            ("program", f"{result.elf}, {result.image_bytes:,} bytes{start}"),
            ("build", result.build_id),
            ("chip", result.chip),
            ("flash", "nothing was run" if result.dry_run else checked),
        ],
    )
    console.print()
    for step in result.steps:
        console.print(f"# {step.does}\n{step.command}", markup=False, soft_wrap=True)


@show.register
def show_validation(result: Validated, console: Console) -> None:
    """Accuracy and agreement of reference and places, and whether the bytes are the same."""
    facts(
        console,
        [
            ("target", result.target.name),
            ("samples", result.samples),
            *(("note", note) for note in result.notes),
            ("data", None if result.representative else "RANDOM: accuracy and agreement mean nothing"),
            ("float accuracy", None if result.float_accuracy is None else percent(result.float_accuracy)),
        ],
    )
    error = result.reconstruction_mse
    if error:
        facts(console, [("reconstruction error", f"float {error['float']:.4f}, int8 {error['int8']:.4f}")])
    rows = [_scores("reference (NumPy)", result.reference, None, None)]
    for name, place in result.places.items():
        rows.append(_scores(name, place, place.mismatched_bytes, place.first_divergent_layer))
    columns = ["place ", "accuracy", "agreement", "RMSE", "cosine", "SNR dB", "mismatched bytes", "first that differs "]
    table(console, "Against the float model", columns, rows)
    if len(result.reference.snr_db) > 1:
        rows = [[name, f"{snr_db:.1f}"] for name, snr_db in result.reference.snr_db.items()]
        table(console, "Each output of the reference", ["output ", "SNR dB"], rows)


def _scores(name: str, scores: Scores, mismatched: int | None, layer: str | None) -> list[Any]:
    return [name, percent(scores.accuracy), percent(scores.agreement), scores.rmse, f"{scores.cosine:.6f}",
            f"{min(scores.snr_db.values()):.1f}", mismatched, layer or ""]  # fmt: skip


def _flash(wait_states: int | None, error: CycleCheck | None) -> str | None:
    """What the modelled cycles assume of the flash, and whether that is what the error was measured with."""
    if wait_states is None or error is None:
        return None
    if wait_states or not error.figures:
        return f"{wait_states} wait states"
    return "0 wait states; the error was measured with those of a board, whose cycles are more"


def _twin_note(result: Profiled) -> str | None:
    """Whose time it is, where the host is not the target."""
    foreign = result.place == "host" and result.target.arch.runs is not Runs.LIBRARY
    return "the time of the same model compiled for this machine, not of these files" if foreign else None


@show.register
def show_profile(result: Profiled, console: Console) -> None:
    """Counted cost of one inference, per layer."""
    if result.unit != "emulated-instructions":
        facts(
            console,
            [
                ("target", result.target.name),
                ("measured on", f"{result.place} ({result.unit})"),
                ("note", _twin_note(result)),
                ("threads", f"up to {result.threads}" if result.threads else None),
                (f"one inference, median of {result.runs}", f"{result.time:,} {result.time_unit}"),
            ],
        )
        return
    cycles, error = result.model_cycles, result.model_cycles_error
    facts(
        console,
        [
            ("target", result.target.name),
            ("counted on", f"{result.place} ({result.unit})"),
            ("threads", f"one, which runs what {result.threads} would" if result.threads else None),
            ("instructions", result.instructions),
            ("loads", result.loads),
            ("stores", result.stores),
            ("cycles, modelled", f"{cycles:,}; {error}" if error else None),
            ("flash", _flash(result.flash_wait_states, error)),
        ],
    )
    total = max(result.instructions or 0, 1)
    rows = [
        [v.name, v.kernel, v.macs or None, v.instructions, f"{v.instructions / v.macs:.2f}" if v.macs else "-",
         f"{100 * v.instructions / total:.1f} %"]
        for v in result.layers
    ]  # fmt: skip
    table(console, "Layers", ["name ", "kernel ", "MACs", "instructions", "per MAC", "share"], rows)


@show.register
def show_export(result: Export, console: Console) -> None:
    """What was written, whose instructions it uses, and the sample of its example."""
    rows: list[tuple[str, Any]] = [("format", result.format)]
    if result.kernels is None:
        _show_files(result, rows, console, runs=False)
    else:
        _show_files(result, [*rows, ("kernels", result.kernels)], console)


@show.register
def show_new_app(result: NewApp, console: Console) -> None:
    """What was written, and the sample that it classifies."""
    _show_files(result, [("board", result.board)], console)


def _show_files(result: Export | NewApp, rows: list[tuple[str, Any]], console: Console, *, runs: bool = True) -> None:
    sample = "pseudo-random bytes" if result.sample is None else f"sample {result.sample}"
    example = ("example", f"{sample}; expects class {result.expected_class}")
    facts(console, [("written", str(result.out)), *rows, *([example] if runs else [])])
    console.print()
    for file in result.files:
        console.print(f"  {file}", markup=False)
