"""Modelled cycles of programs whose latency is published, and how far they are from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgewright.build.elf import function
from edgewright.profile.cycles import model_cycles
from edgewright.profile.plugin import Probe, measure
from edgewright.targets import CycleCheck, resolve_target
from tools.bench.boards import BenchBoard, Latency
from tools.bench.page import table
from tools.cycle_check.layers import layers
from tools.cycle_check.program import build


@dataclass(frozen=True)
class Row:
    """One published latency beside the model's. fitted: it chose the board's wait states."""

    model: str
    board: str
    cpu: str
    engine: str
    source: str
    instructions: int
    published_ms: float
    modelled_ms: float
    fitted: bool

    @property
    def error_percent(self) -> float:
        """(modelled - published) / published."""
        return round(100 * (self.modelled_ms / self.published_ms - 1), 1)

    def document(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "error_percent": self.error_percent}


def checked(latency: Latency, board: BenchBoard, model: str, onnx: Path, cmsis_nn: Path, core: Path, work: Path) -> Row:
    """The row of one model: its calls of CMSIS-NN built, counted and put through the cycle model."""
    folder = work / f"{board.name}_{model}"
    folder.mkdir(parents=True, exist_ok=True)
    target = resolve_target(board.cpu)
    program = build(layers(onnx), target, cmsis_nn, core, folder, latency.optimize)
    run, stop, fail = (function(program, name) for name in ("check_run", "ew_halt", "ew_fault"))
    assert run
    assert stop
    assert fail
    probe = Probe(run.address, run.end, stop.address, fail.address)
    measured = measure(target, program, probe, folder, each=True, flash=board.flash_timing)
    cycles = model_cycles(target, program, measured, board.flash_timing.wait_states)
    assert cycles is not None
    return Row(
        model, board.name, board.cpu, latency.engine, latency.source, measured.total.instructions,
        latency.ms[model], round(1000 * cycles / board.clock_hz, 3), model in latency.fitted,
    )  # fmt: skip


def by_cpu(rows: Iterable[Row]) -> dict[str, CycleCheck]:
    """The range of the errors per CPU; fitted figures do not count."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if not row.fitted:
            found.setdefault(row.cpu, []).append(row)
    return {cpu: _range(of) for cpu, of in found.items()}


def _range(rows: Sequence[Row]) -> CycleCheck:
    errors = [row.error_percent for row in rows]
    sources = dict.fromkeys(f"{row.engine} on {row.board} ({row.source})" for row in rows)
    return CycleCheck(len(errors), min(errors), max(errors), "; ".join(sources))


def text(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    cells = [
        [r.board, r.engine, r.model, r.instructions, f"{r.published_ms:.2f}", f"{r.modelled_ms:.2f}",
         f"{r.error_percent:+.1f} %" + (" (fitted)" if r.fitted else "")]
        for r in rows
    ]  # fmt: skip
    return table(["board", "engine", "model", "instructions", "published ms", "modelled ms", "error"], cells)
