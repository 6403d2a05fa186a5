"""An upper bound of the stack."""

from dataclasses import dataclass
from pathlib import Path

from edgewright.build.manifest import Manifest


@dataclass(frozen=True)
class StackBound:
    """`bytes` below the caller of the root function, None when there is no bound; `path`: the calls."""

    bytes: int | None
    path: tuple[str, ...]


def stack_bound(elf: Path, objects: Path, compiler: str, manifest: Manifest) -> StackBound:
    return StackBound(None, ())
