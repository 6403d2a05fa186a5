"""Where a command speaks: its result on standard output, progress and complaints on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from edgewright.api import SCHEMA_VERSION, Record
from edgewright.errors import EdgewrightError
from edgewright.quantize import Progress
from edgewright.report import show

#: Columns of a table that is not printed to a terminal.
PIPE_WIDTH = 140


class Screen:
    """as_json: one JSON document instead of tables, and no progress."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._people = Console(stderr=True, highlight=False, emoji=False)

    def show(self, result: Record, failure: EdgewrightError | None = None) -> None:
        """Print a result, and the complaint of a gate that it failed."""
        if self.as_json:
            print(json.dumps({**result.to_json(), **_refusal(failure)}, indent=1, allow_nan=False))
        else:
            show(result, Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else PIPE_WIDTH))
        if failure is not None:
            self.complain(failure)

    def refuse(self, error: EdgewrightError) -> None:
        """Complain, and print the document that stands for the result that there is not."""
        if self.as_json:
            print(json.dumps({"schema_version": SCHEMA_VERSION, **_refusal(error)}))
        self.complain(error)

    def complain(self, error: EdgewrightError | str) -> None:
        """One line for people."""
        self._people.print(f"edgewright: {_one_line(error)}", markup=False, soft_wrap=True)

    @contextmanager
    def progress(self, what: str) -> Iterator[Progress]:
        """A bar where a person may look, and the callback that moves it."""
        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        quiet = self.as_json or not self._people.is_terminal
        with Bar(*columns, console=self._people, transient=True, disable=quiet) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)


def _refusal(error: EdgewrightError | None) -> dict[str, Any]:
    """What a document says of an error; nothing when there is none."""
    return {} if error is None else {"error": _one_line(error), "exit_code": error.exit_code}


def _one_line(text: EdgewrightError | str) -> str:
    return " ".join(str(text).split())
