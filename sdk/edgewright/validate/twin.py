"""The same model compiled for this machine, inside a directory that was compiled for another."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgewright.artifact import Directory
from edgewright.artifact.layout import BUILD, HOST, HOST_BUILD_ASIDE, RUNTIME, Layout
from edgewright.contracts.registry import records
from edgewright.emit import Origin, write_directory
from edgewright.errors import UsageError
from edgewright.ir.store import load_graph
from edgewright.kernels import Goal
from edgewright.pipeline import planned
from edgewright.targets import host_cpu


def host_twin(directory: Directory) -> Path:
    """A directory with the same model compiled for this machine, inside the directory's own `host` folder.

    It is written anew each time, as the kernels may have changed; what was built from it stays, so that `build` does
    nothing when they have not. Call it with the directory held by `exclusive`: the folder is away for a moment.

    Raises:
        UsageError: it cannot be written.
    """
    cpu, manifest = host_cpu(), directory.manifest
    folder = directory.path / HOST
    origin = Origin(
        model_file=manifest.model.file,
        model_sha256=manifest.model.sha256,
        cpu=cpu.name,
        optimize="-O2",
        goal=Goal.TIME,
    )
    twin = load_graph(directory.path / Layout(directory.name).reference, records())
    plan = planned(twin, cpu, Goal.TIME, manifest.threads)
    try:
        with _kept(folder / BUILD, directory.path / HOST_BUILD_ASIDE):
            write_directory(plan, origin, directory.name, folder, b"")
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror or error}") from None
    return folder


def drop_sources(twin: Path) -> None:
    """Leave nothing of a built twin that a firmware project, which takes every C file below a folder, would compile."""
    for path in twin.iterdir():
        if path.name == RUNTIME:
            shutil.rmtree(path, ignore_errors=True)
        elif path.suffix in (".c", ".h"):
            path.unlink()


@contextmanager
def _kept(path: Path, aside: Path) -> Iterator[None]:
    """Lets `path` outlive what is done to the folder that holds it."""
    shutil.rmtree(aside, ignore_errors=True)
    if path.is_dir():
        path.rename(aside)
    try:
        yield
    finally:
        if aside.is_dir():
            aside.rename(path)
