"""The result table of the README, between two markers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tools.bench.measure import Figure
from tools.bench.models import Benchmark
from tools.bench.page import table

BEGIN, END = "<!-- results: written by `make bench` -->", "<!-- end of results -->"


def summary(figures: Sequence[Figure], benchmarks: Sequence[Benchmark], tflm: Mapping[str, Any]) -> str:
    """Cortex-M4: ours and TFLM's instructions, flash and RAM."""
    by_key = {(f.model, f.goal): f for f in figures if f.cpu == "cortex-m4"}
    rows = []
    for b in benchmarks:
        fast, lean, small = (by_key.get((b.name, goal)) for goal in ("time", "ram", "flash"))
        if fast is None or lean is None or small is None:
            continue
        peer = tflm[b.name]
        rows.append(
            [
                b.title,
                f"**{fast.instructions:,}**",
                f"{peer['instructions']['cortex-m4']:,}",
                f"**{small.flash_bytes:,}**",
                f"{peer['flash_bytes']:,}",
                f"**{lean.ram_bytes + (lean.stack_bytes or 0):,}**",
                f"{peer['ram_bytes']:,}",
            ]
        )
    head = [
        "MLPerf Tiny model, int8",
        "instructions `-O time`",
        "TFLM",
        "flash `-O flash`",
        "TFLM",
        "RAM `-O ram`",
        "TFLM",
    ]
    return table(head, rows)


def replaced(readme: str, text: str) -> str:
    """`readme` with `text` between the markers.

    Raises:
        ValueError: a marker is missing.
    """
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("README.md has no place for the results")
    return f"{before}{BEGIN}\n{text}\n{END}{after}"
