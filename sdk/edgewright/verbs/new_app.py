"""`new-app`: a firmware project around a generated directory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from edgewright.artifact import open_directory
from edgewright.export import application, exported_model, on_board, write_folder
from edgewright.verbs.export import example_sample
from edgewright.verbs.record import OPTIONAL, Record


@dataclass(frozen=True)
class NewApp(Record):
    """files: below `out`, sorted. sample, expected_class: as in `Export`."""

    name: str
    board: str
    out: Path
    files: tuple[str, ...]
    expected_class: int
    sample: int | None = field(default=None, metadata=OPTIONAL)


def new_app(
    directory: Path, out: Path, board: str | None = None, *, data: str | Path | None = None, sample: int | None = None
) -> NewApp:
    """Write a firmware project for `board` around the model of a generated directory into the folder `out`.

    board: None for the one that it was compiled for, or that emulates its CPU. data, sample: as in `export`.

    Raises:
        UsageError: not a generated directory, no such board or sample, a board with another CPU or without a UART, or
            `out` holds what must stay.
    """
    opened = open_directory(directory)
    chosen = example_sample(opened, data, sample)
    model = on_board(exported_model(opened, chosen), board)
    files = write_folder(model, "application", application(model), out)
    return NewApp(model.name, model.manifest.target.name, out, files, chosen.expected, chosen.index)
