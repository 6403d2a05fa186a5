"""`report`: everything known about a generated directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgewright import build as building
from edgewright.artifact import open_directory
from edgewright.budget import planned_flash_of
from edgewright.errors import UsageError
from edgewright.verbs.build import Built, build
from edgewright.verbs.compile import Compiled
from edgewright.verbs.record import Record


@dataclass(frozen=True)
class Reported(Record):
    """manifest: what `compile` said. build: what `build` says, None for a directory that was not built."""

    manifest: Compiled
    build: Built | None


def report(directory: str | Path) -> Reported:
    """What is known of the directory, without building anything that was not built."""
    directory = Path(directory)
    manifest = open_directory(directory).manifest
    try:
        building.load_result(directory)
        built: Built | None = build(directory)
    except UsageError:
        built = None
    return Reported(Compiled(manifest, planned_flash_of(manifest), directory), built)
