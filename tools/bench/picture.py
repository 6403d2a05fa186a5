"""docs/benchmarks.svg: our figures on Cortex-M4 as bars beside the peer's, which are 100 %."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tools.bench.measure import Figure
from tools.bench.models import Benchmark

WIDTH, ROW, LEFT, TOP, GAP = 760, 22, 60, 64, 14
FULL = 460
MEASURES = (("instructions", "time", "#2563eb"), ("flash", "flash", "#059669"), ("RAM", "ram", "#d97706"))


def picture(figures: Sequence[Figure], benchmarks: Sequence[Benchmark], tflm: Mapping[str, Any]) -> str:
    """The SVG text: for each model, instructions (-O time), flash (-O flash) and RAM (-O ram) as a share of TFLM's."""
    by_key = {(f.model, f.cpu, f.goal): f for f in figures}
    parts: list[str] = []
    y = TOP
    for b in benchmarks:
        parts.append(_text(LEFT - 10, y + 1.5 * ROW + 5, b.name, "end", "600"))
        for label, goal, colour in MEASURES:
            figure = by_key.get((b.name, "cortex-m4", goal))
            if figure is not None:
                ours, theirs = _pair(figure, label, tflm[b.name])
                parts += _bar(y, ours, theirs, label, colour)
            y += ROW
        y += GAP
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + 10}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{y + 10}" fill="#ffffff"/>',
        _text(
            LEFT,
            24,
            "Cortex-M4, int8, one inference: Edgewright beside TensorFlow Lite Micro with CMSIS-NN",
            "start",
            "600",
        ),
        _text(
            LEFT,
            44,
            "grey: TFLM = 100 %; executed instructions and linked bytes, measured under QEMU with GCC 12",
            "start",
            "400",
        ),
    ]
    return "\n".join([*head, *parts, "</svg>"]) + "\n"


def _pair(figure: Figure, label: str, theirs: Mapping[str, Any]) -> tuple[int, int]:
    if label == "instructions":
        return figure.instructions, theirs["instructions"]["cortex-m4"]
    if label == "flash":
        return figure.flash_bytes, theirs["flash_bytes"]
    return figure.ram_bytes + (figure.stack_bytes or 0), theirs["ram_bytes"]


def _bar(y: float, ours: int, theirs: int, label: str, colour: str) -> list[str]:
    share = ours / theirs
    unit = "" if label == "instructions" else " bytes"
    return [
        f'<rect x="{LEFT}" y="{y + 2}" width="{FULL}" height="{ROW - 6}" fill="#e5e7eb"/>',
        f'<rect x="{LEFT}" y="{y + 2}" width="{FULL * min(share, 1.0):.1f}" height="{ROW - 6}" fill="{colour}"/>',
        _text(LEFT + FULL + 8, y + ROW - 8, f"{label}: {ours:,}{unit}, {100 * share:.0f} %", "start", "400"),
    ]


def _text(x: float, y: float, text: str, anchor: str, weight: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-weight="{weight}" fill="#111827">{text}</text>'
