"""Boards with published latencies, and the latencies."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.targets import FlashTiming
from edgewright.targets.strict import from_table

FILE = Path(__file__).parent / "boards.toml"


@dataclass(frozen=True)
class BenchBoard:
    """title: for people. cpu: as in `targets/cpus`. clock_hz: of the core. source: of the flash timing."""

    name: str
    title: str
    cpu: str
    clock_hz: int
    flash_timing: FlashTiming
    source: str


@dataclass(frozen=True)
class Latency:
    """Milliseconds of one inference by model name, as published; see `peers.toml`."""

    engine: str
    board: str
    ms: Mapping[str, float]
    source: str
    optimize: str = ""
    fitted: tuple[str, ...] = ()


def load_boards() -> dict[str, BenchBoard]:
    """All boards by name.

    Raises:
        UsageError: the file has an unknown or missing key, or a value of another type.
        ValueError: a flash timing breaks its rules.
    """
    boards = {}
    for name, table in tomllib.loads(FILE.read_text()).items():
        board: BenchBoard = from_table(BenchBoard, {"name": name, **table}, f"{FILE.name}: {name}")
        if problems := board.flash_timing.problems():
            raise ValueError(f"{FILE.name}: {name}: {'; '.join(problems)}")
        boards[name] = board
    return boards


def latencies(peers: Mapping[str, Any]) -> list[Latency]:
    """The latencies of `peers.toml`, in its order."""
    return [Latency(**{**row, "fitted": tuple(row.get("fitted", ()))}) for row in peers["latency"]]
