"""The whole report of a generated directory."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from edgewright.report.model import show_compiled
from edgewright.report.run import show_built
from edgewright.report.tables import bar, cell, table

Document = dict[str, Any]


def show_report(console: Console, document: Document) -> None:
    """Header and layers, memory with lifetimes, ends with their scales, sections when it was built."""
    manifest = document["manifest"]
    show_compiled(console, manifest)
    largest = max((held["bytes"] for held in manifest["memory"]), default=1)
    rows = [
        [
            held["offset"],
            held["bytes"],
            f"{held['first']} to {held['last']}",
            bar(held["bytes"], largest),
            held["values"][0],
        ]
        for held in sorted(manifest["memory"], key=lambda held: (held["first"], held["offset"]))
    ]
    optimum = manifest["arena_optimum_bytes"]
    title = (
        f"Arena: {manifest['arena_bytes']:,} bytes, live-set optimum {optimum:,}; peak at '{manifest['peak_layer']}'"
    )
    table(console, title, ["offset", "bytes", "steps ", "size ", "first value "], rows)
    rows = [
        [kind, end["name"], cell(end["shape"]), end["dtype"], end["scale"], end["zero"]]
        for kind, ends in (("input", manifest["inputs"]), ("output", manifest["outputs"]))
        for end in ends
    ]
    table(
        console,
        "Inputs and outputs: real = (q - zero) * scale",
        ["", "name ", "shape ", "type ", "scale", "zero"],
        rows,
    )
    if document["build"]:
        console.print()
        show_built(console, document["build"])
