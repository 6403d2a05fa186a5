"""A generated directory as validation sees it: manifest, integer reference, float model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.build.manifest import manifest_path, read_manifest
from edgewright.build.result import BUILD_FOLDER
from edgewright.contracts.registry import records
from edgewright.emit import Origin, write_directory
from edgewright.errors import UsageError
from edgewright.ir import Graph, Value
from edgewright.ir.store import load_graph
from edgewright.plan import make_plan
from edgewright.targets import load_cpu

HOST_CPU = "x86-64"


@dataclass(frozen=True, eq=False)
class Directory:
    """path, its manifest document, and the integer graph that is the truth for all places."""

    path: Path
    manifest: dict[str, Any]
    graph: Graph

    @property
    def name(self) -> str:
        """The C prefix."""
        return str(self.manifest["name"])

    @property
    def model_path(self) -> Path:
        """The ONNX file it was compiled from."""
        return self.path / f"{self.name}_model.onnx"

    @property
    def is_for_host(self) -> bool:
        """Whether it was compiled for this machine."""
        return bool(self.manifest["target"]["cpu"] == HOST_CPU)

    def model_inputs(self) -> list[Value]:
        """The inputs with their shapes as the ONNX model has them."""
        values = []
        for value in self.graph.inputs:
            shape = value.shape
            if value.model_perm is not None:
                shape = tuple(shape[value.model_perm.index(a)] for a in range(len(shape)))
            values.append(Value(value.name, shape, "float32", None, value.quant))
        return values


def open_directory(path: Path) -> Directory:
    """The generated directory at `path`.

    Raises:
        UsageError: it is not one, or is incomplete.
    """
    if not path.is_dir():
        raise UsageError(f"{path}: no such folder; give one that `edgewright compile` made")
    name = read_manifest(path).name
    document = json.loads(manifest_path(path).read_text(encoding="utf-8"))
    reference = path / f"{name}_reference.npz"
    if not reference.is_file() or not (path / f"{name}_model.onnx").is_file():
        raise UsageError(f"{path}: {name}_reference.npz or {name}_model.onnx is missing; compile again")
    return Directory(path, document, load_graph(reference, records()))


def host_twin(directory: Directory) -> Path:
    """A directory with the same model compiled for this machine, inside the directory's own `host` folder.

    It is written anew each time, as the kernels may have changed; what was built from it stays, so that `build` does
    nothing when they have not. Call it with the directory held by `exclusive`: the folder is away for a moment.

    Raises:
        UsageError: it cannot be written.
    """
    cpu = load_cpu(HOST_CPU)
    folder = directory.path / "host"
    origin = Origin(
        model_file=directory.manifest["model"]["file"],
        model_sha256=directory.manifest["model_sha256"],
        cpu=cpu.name,
        optimize="-O2",
        goal="time",
    )
    twin = load_graph(directory.path / f"{directory.name}_reference.npz", records())
    plan = make_plan(twin, cpu.isas, "time", directory.manifest.get("threads", 1))
    try:
        with _kept(folder / BUILD_FOLDER, directory.path / ".host-build"):
            write_directory(plan, origin, directory.name, folder, b"")
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror or error}") from None
    return folder


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
