"""Draws with matplotlib, where it is installed."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from edgewright.errors import ToolError


def load_pyplot() -> Any:
    """`matplotlib.pyplot`, drawing to files only; asked for before the work begins whose result is drawn.

    Raises:
        ToolError: matplotlib is not there.
    """
    try:
        importlib.import_module("matplotlib").use("Agg")
        return importlib.import_module("matplotlib.pyplot")
    except ImportError:
        raise ToolError("--picture: needs matplotlib, which is not here; `pip install matplotlib`") from None


def save(pyplot: Any, figure: Any, picture: Path) -> None:
    """Write a figure to a file, its type by its suffix, and close it.

    Raises:
        ToolError: it cannot be drawn or written.
    """
    try:
        figure.savefig(picture)
    except (OSError, ValueError) as error:
        raise ToolError(f"{picture}: cannot be drawn: {error}") from None
    finally:
        pyplot.close(figure)
