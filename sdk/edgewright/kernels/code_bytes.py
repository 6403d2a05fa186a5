"""How much flash the code of kernels takes, measured with GCC by `tools/kernel_code.py`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from edgewright.paths import data_folder

#: GCC's options that were measured, in the order of the file's columns.
LEVELS = ("-O2", "-Os")


def measured_file() -> Path:
    """Where the bytes are written down."""
    return data_folder("runtime_c") / "code_bytes.toml"


def code_bytes(sources: Iterable[str], isas: Sequence[str], level: str) -> int:
    """Bytes of code and constants of `sources`, each counted once, on a CPU with the kernel variants `isas`.

    level: GCC's option; what is not "-Os" counts as "-O2". Sources are relative to `runtime_c/src`.
    """
    column = int(level == "-Os")
    rows = _everything() | _table().get(" ".join(isas), {})
    return sum(rows[source][column] for source in set(sources))


@cache
def _table() -> dict[str, dict[str, list[int]]]:
    return tomllib.loads(measured_file().read_text(encoding="utf-8"))


@cache
def _everything() -> dict[str, list[int]]:
    """Every source as it was measured first: for what was not measured with the instruction sets in question."""
    merged: dict[str, list[int]] = {}
    for rows in _table().values():
        merged = rows | merged
    return merged
