"""How much flash the code of kernels takes, measured with GCC by `tools/kernel_code.py`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from edgewright.paths import data_folder

#: GCC's options that were measured, in the order of the file's columns.
LEVELS = ("-O2", "-Os")
#: The compiler whose sizes plans are made with, whichever is installed: the same model gives the same C everywhere.
PLANNED_WITH = "GCC 12.2"


def measured_file() -> Path:
    """Where the bytes are written down."""
    return data_folder("runtime_c") / "code_bytes.toml"


def code_bytes(sources: Iterable[str], isas: Sequence[str], level: str, compiler: str = PLANNED_WITH) -> int:
    """Bytes of code and constants of `sources`, each counted once, on a CPU with the kernel variants `isas`.

    level: GCC's option; what is not "-Os" counts as "-O2". Sources are relative to `runtime_c/src`. compiler: one of
    `recorded()`.
    """
    column = int(level == "-Os")
    rows = _everything(compiler) | recorded()[compiler].get(" ".join(isas), {})
    return sum(rows[source][column] for source in set(sources))


@cache
def recorded() -> dict[str, dict[str, dict[str, list[int]]]]:
    """By compiler and instruction sets: bytes of each source at every level."""
    return tomllib.loads(measured_file().read_text(encoding="utf-8"))


@cache
def _everything(compiler: str) -> dict[str, list[int]]:
    """Every source as it was measured first: for what was not measured with the instruction sets in question."""
    merged: dict[str, list[int]] = {}
    for rows in recorded()[compiler].values():
        merged = rows | merged
    return merged
