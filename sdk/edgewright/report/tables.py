"""The few shapes that every report is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table

#: Blanks between columns, and the width that a shortened column keeps.
GAP, SHORTEST = 2, 16


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
    fold; the others align right. When it is too wide, the widest column of one-line text gives way.
    """
    cells = [[cell(value) for value in row] for row in rows]
    one_line = [k for k, column in enumerate(columns) if column.endswith(" ") and not column.endswith("  ")]
    if one_line and not any(column.endswith("  ") for column in columns):
        _narrow(columns, cells, one_line, console.width)
    drawn = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for column in columns:
        text, folds = column.endswith(" "), column.endswith("  ")
        justify: JustifyMethod = "left" if text else "right"
        drawn.add_column(column.strip(), justify=justify, overflow="fold" if folds else "ellipsis", no_wrap=not folds)
    for row in cells:
        drawn.add_row(*map(escape, row))
    console.print()
    console.print(drawn)


def _narrow(columns: Sequence[str], cells: list[list[str]], one_line: Sequence[int], width: int) -> None:
    """Shorten cells in the middle, so that names of hundreds of characters leave the numbers in sight."""
    widths = [max([len(column.strip()), *(len(row[k]) for row in cells)]) for k, column in enumerate(columns)]
    widest = max(one_line, key=lambda k: widths[k])
    room = max(width - (sum(widths) - widths[widest]) - GAP * (len(columns) - 1), SHORTEST)
    for row in cells:
        row[widest] = shortened(row[widest], room)


def shortened(text: str, width: int) -> str:
    """`text` in at most `width` characters: its beginning and its end, where names differ most."""
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return f"{text[: width - 1 - tail]}…{text[len(text) - tail :]}"


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
