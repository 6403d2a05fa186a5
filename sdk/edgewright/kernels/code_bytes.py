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
    `recorded()`; a source that was measured only with others counts as with those.

    Raises:
        KeyError: a source was never measured.
    """
    column = int(level == "-Os")
    rows = _everything(compiler) | recorded()[compiler].get(" ".join(isas), {})
    if unknown := set(sources := tuple(sources)) - rows.keys():
        raise KeyError(f"{', '.join(sorted(unknown))}: not in {measured_file()}; run python -m tools.kernel_code")
    return sum(rows[source][column] for source in set(sources))


@cache
def recorded() -> dict[str, dict[str, dict[str, list[int]]]]:
    """By compiler and instruction sets: bytes of each source at every level."""
    return tomllib.loads(measured_file().read_text(encoding="utf-8"))


@cache
def _everything(compiler: str) -> dict[str, list[int]]:
    """Every source as it was measured first: for what was not measured with the compiler or instruction sets."""
    merged: dict[str, list[int]] = {}
    for tables in (recorded()[compiler], *recorded().values()):
        for rows in tables.values():
            merged = rows | merged
    return merged
