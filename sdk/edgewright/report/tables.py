"""The few shapes that every report is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table


def facts(console: Console, rows: Iterable[tuple[str, Any]]) -> None:
    """Name and value pairs, one a line; numbers with separators, empty values left out."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column()
    for name, value in rows:
        if value not in (None, "", []):
            grid.add_row(name, escape(cell(value)))
    console.print(grid)


def table(console: Console, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A titled table. A column whose name ends in a space is text on one line, in two spaces text that may
    fold; the others align right.
    """
    drawn = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for column in columns:
        text, folds = column.endswith(" "), column.endswith("  ")
        justify: JustifyMethod = "left" if text else "right"
        drawn.add_column(column.strip(), justify=justify, overflow="fold" if folds else "ellipsis", no_wrap=not folds)
    for row in rows:
        drawn.add_row(*(escape(cell(value)) for value in row))
    console.print()
    console.print(drawn)


def cell(value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return " x ".join(str(v) for v in value)
    return str(value)


def percent(share: float | None) -> str:
    """A share as a percentage with two decimals."""
    return "-" if share is None else f"{100 * share:.2f} %"


def bar(size: int, largest: int, width: int = 30) -> str:
    """A bar of `size` on a scale that `largest` fills."""
    return "#" * max(round(width * size / max(largest, 1)), 1 if size else 0)
