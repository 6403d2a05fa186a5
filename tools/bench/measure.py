"""Compiles, builds and counts one model on one CPU through the real product."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from edgewright import api
from edgewright.build.tools import compiler_release
from edgewright.profile import count
from edgewright.targets import load_cpu
from tools.bench.boards import load_boards
from tools.bench.models import Benchmark


@dataclass(frozen=True)
class Figure:
    """What was measured of `model` on `cpu` with `-O goal`, compiled by `compiler` ("GCC 12.2").

    instructions, loads, stores: executed in one inference, counted under QEMU. model_cycles: of the cycle
    model without wait states, None where there is none; board_cycles: the same with the flash of a board in
    boards.toml, `-O time` only. Sizes in bytes of the minimal program: flash_bytes = text + rodata + data,
    ram_bytes = data + bss with the arena, stack_bytes = bound.
    """

    model: str
    cpu: str
    goal: str
    compiler: str
    macs: int
    instructions: int
    loads: int
    stores: int
    model_cycles: float | None
    flash_bytes: int
    ram_bytes: int
    stack_bytes: int | None
    arena_bytes: int
    weights_bytes: int
    layers: list[dict[str, Any]]
    board_cycles: dict[str, int | None] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What the figure is of; there is one in a record."""
        return self.model, self.cpu, self.goal, self.compiler

    def document(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def measure(benchmark: Benchmark, models: Path, cpu: str, goal: str, work: Path) -> Figure:
    """The figure of one combination; scales come from min-max over the model's own data."""
    folder = work / f"{benchmark.name}_{cpu}_{goal}"
    compiled = api.compile(
        models / benchmark.model, cpu, models / benchmark.data, folder, name=benchmark.name, goal=goal, method="minmax"
    )
    built = api.build(folder)
    counted = api.profile(folder)
    instructions, loads, stores = counted.instructions, counted.loads, counted.stores
    assert instructions is not None, "the emulator counts"
    assert loads is not None, "the emulator counts"
    assert stores is not None, "the emulator counts"
    boards = [board for board in load_boards().values() if board.cpu == cpu and goal == "time"]
    return Figure(
        benchmark.name, cpu, goal, compiler_release(load_cpu(cpu).compiler),
        compiled.manifest.macs, instructions, loads, stores,
        counted.model_cycles, built.flash_bytes, built.ram_bytes, built.stack_bytes,
        compiled.manifest.arena_bytes, compiled.manifest.weights_bytes, counted.to_json()["layers"],
        {board.name: count(folder, board.flash_timing).model_cycles for board in boards},
    )  # fmt: skip
