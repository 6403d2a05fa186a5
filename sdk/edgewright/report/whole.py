"""The whole report of a generated directory."""

from __future__ import annotations

from rich.console import Console

from edgewright.report.show import show
from edgewright.report.tables import bar, cell, table
from edgewright.verbs.report import Reported


@show.register
def show_report(result: Reported, console: Console) -> None:
    """Header and layers, memory with lifetimes, ends with their scales, sections when it was built."""
    manifest = result.manifest.manifest
    show(result.manifest, console)
    largest = max((held.bytes for held in manifest.memory), default=1)
    rows = [
        [held.offset, held.bytes, f"{held.first} to {held.last}", bar(held.bytes, largest), held.values[0]]
        for held in sorted(manifest.memory, key=lambda held: (held.first, held.offset))
    ]
    title = (
        f"Arena: {manifest.arena_bytes:,} bytes, live-set optimum {manifest.arena_optimum_bytes:,}; "
        f"peak at '{manifest.peak_layer}'"
    )
    table(console, title, ["offset", "bytes", "steps ", "size ", "first value "], rows)
    ends = (*(("input", end) for end in manifest.inputs), *(("output", end) for end in manifest.outputs))
    table(
        console,
        "Inputs and outputs: real = (q - zero) * scale",
        ["", "name ", "shape ", "type ", "scale", "zero"],
        [[kind, end.name, cell(end.shape), end.dtype, end.scale, end.zero] for kind, end in ends],
    )
    if result.build:
        console.print()
        show(result.build, console)
