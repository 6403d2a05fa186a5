"""The record of counted instructions, `counted.toml`: by compiler, kernel and layer."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from tools.kernel_costs.count import Table

#: By compiler, then by instruction set.
Record = dict[str, dict[str, Table]]
RECORD = Path(__file__).with_name("counted.toml")
HEADER = """# Instructions of each kernel on the layers of `shapes.py`; by compiler, instruction set and kernel.
# Written by `python -m tools.kernel_costs --write`.
"""


def recorded() -> Record:
    """What is written down."""
    return tomllib.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}


def write(fresh: Mapping[str, Mapping[str, Table]]) -> None:
    """Replace what was recorded of each compiler's instruction sets with `fresh` tables."""
    record = recorded()
    for compiler, tables in fresh.items():
        record.setdefault(compiler, {}).update(tables)
    parts = [HEADER]
    for compiler, by_isa in sorted(record.items()):
        for isa, table in sorted(by_isa.items()):
            for kernel, rows in sorted(table.items()):
                lines = [f'"{layer}" = {instructions}' for layer, instructions in rows.items()]
                parts.append("\n".join([f'["{compiler}".{isa}."{kernel}"]', *lines]) + "\n")
    RECORD.write_text("\n".join(parts), encoding="utf-8")
