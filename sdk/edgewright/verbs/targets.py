"""`targets`: the CPUs and boards that models can be compiled for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgewright.errors import UsageError
from edgewright.targets import Board, Cpu, all_targets
from edgewright.verbs.record import Record


@dataclass(frozen=True)
class CpuEntry:
    """A CPU. isas: its kernel variants, best first. emulator: what stands for it. file: where it is described."""

    name: str
    summary: str
    isas: tuple[str, ...]
    compiler: str
    emulator: str
    file: Path


@dataclass(frozen=True)
class BoardEntry:
    """A board. flash_bytes: 0 under Linux, where ram_bytes is all memory; else ram_bytes: the memories that hold
    anything. emulator: the QEMU machine, "" where there is none. file: where it is described."""

    name: str
    summary: str
    cpu: str
    flash_bytes: int
    ram_bytes: int
    clock_hz: int
    emulator: str
    file: Path


@dataclass(frozen=True)
class Targets(Record):
    """All of both, by name. problems: a line for each file that cannot be used."""

    cpus: tuple[CpuEntry, ...]
    boards: tuple[BoardEntry, ...]
    problems: tuple[str, ...]

    def check(self) -> None:
        """Raise UsageError when a file cannot be used."""
        if self.problems:
            raise UsageError("; ".join(self.problems))


def targets() -> Targets:
    """All CPUs and boards."""
    cpus, boards, problems = all_targets()
    return Targets(tuple(map(_cpu, cpus)), tuple(map(_board, boards)), tuple(problems))


def _cpu(cpu: Cpu) -> CpuEntry:
    emulator = cpu.emulator_board or " ".join(cpu.emulator_command) or "this machine"
    return CpuEntry(cpu.name, cpu.summary, cpu.isas, cpu.compiler, emulator, cpu.file)


def _board(board: Board) -> BoardEntry:
    return BoardEntry(
        *(board.name, board.summary, board.cpu, board.flash.bytes, board.ram_bytes, board.clock_hz),
        emulator=board.emulator_machine,
        file=board.file,
    )
