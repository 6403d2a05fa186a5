"""`build`: the programs of a generated directory, and what they measure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgewright import build as building
from edgewright.artifact import open_directory
from edgewright.build import BuildResult
from edgewright.targets import Target
from edgewright.verbs.record import Record


@dataclass(frozen=True)
class Built(BuildResult, Record):
    """The programs of the model `name`, with their sizes; arena_bytes is part of ram_bytes."""

    name: str
    target: Target
    arena_bytes: int


def build(directory: str | Path) -> Built:
    """Build the programs of a generated directory and measure them; Raises as `build.build`."""
    opened = open_directory(Path(directory))
    manifest, result = opened.manifest, building.build(opened.path)
    return Built(**vars(result), name=manifest.name, target=manifest.target, arena_bytes=manifest.arena_bytes)
