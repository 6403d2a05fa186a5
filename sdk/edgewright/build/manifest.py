"""The manifest of a generated directory, read back."""

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.errors import UsageError
from edgewright.targets import Target, load_board, load_cpu

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Tensor:
    """An input or output of the model: real value = (stored - zero) * scale."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    bytes: int
    scale: float
    zero: int


@dataclass(frozen=True)
class Layer:
    """One layer of the generated call list; `calls` calls in it, `output_bytes` of output.

    output: the name of the value it makes.
    """

    index: int
    name: str
    op: str
    kernel: str
    macs: int
    calls: int
    output_bytes: int
    output: str = ""


@dataclass(frozen=True)
class Manifest:
    """What a generated directory holds.

    name: C prefix of the model. optimize: GCC flags of the kernels. sources: C and assembly files to
    compile, relative to the directory. golden: the self-test's file. model_sha256: 64 hex digits.
    threads: the most that work on one layer.
    """

    directory: Path
    name: str
    target: Target
    optimize: tuple[str, ...]
    model_sha256: str
    arena_bytes: int
    arena_align: int
    sources: tuple[str, ...]
    golden: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    layers: tuple[Layer, ...]
    threads: int = 1


def manifest_path(directory: Path) -> Path:
    """The one `*_manifest.json` in `directory`.

    Raises:
        UsageError: there is none, or more than one.
    """
    found = sorted(directory.glob("*_manifest.json"))
    if len(found) != 1:
        what = "no *_manifest.json" if not found else f"{len(found)} manifests ({', '.join(p.name for p in found)})"
        raise UsageError(f"{directory}: {what}; give a directory that `edgewright compile` made")
    return found[0]


def read_manifest(directory: Path) -> Manifest:
    """The manifest in `directory`.

    Raises:
        UsageError: missing, not JSON, of another schema, or a key is missing or out of range.
    """
    path = manifest_path(directory)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        version = data["schema_version"]
        if version != SCHEMA_VERSION:
            raise UsageError(f"{path.name}: schema_version {version}, this reads {SCHEMA_VERSION}; compile again")
        manifest = Manifest(
            directory=directory,
            name=data["name"],
            target=_target(data["target"]),
            optimize=tuple(data["optimize"].split()),
            model_sha256=data["model_sha256"],
            arena_bytes=data["arena_bytes"],
            arena_align=data["arena_align"],
            sources=tuple(data["sources"]),
            golden=data["golden"],
            inputs=tuple(_tensor(item) for item in data["inputs"]),
            outputs=tuple(_tensor(item) for item in data["outputs"]),
            layers=tuple(_layer(item) for item in data["layers"]),
            threads=int(data.get("threads", 1)),
        )
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UsageError(f"{path.name}: not a manifest: {error}; compile again") from None
    except KeyError as error:
        raise UsageError(f"{path.name}: key {error} is missing; compile again") from None
    problems = _problems(manifest)
    if problems:
        raise UsageError(f"{path.name}: {'; '.join(problems)}; compile again")
    return manifest


def _target(data: dict[str, Any]) -> Target:
    return Target(load_cpu(data["cpu"]), load_board(data["board"]) if data.get("board") else None)


def _tensor(data: dict[str, Any]) -> Tensor:
    return Tensor(
        data["name"], tuple(data["shape"]), data["dtype"], data["bytes"], float(data["scale"]), int(data["zero"])
    )


def _layer(data: dict[str, Any]) -> Layer:
    return Layer(
        index=data["index"],
        name=data["name"],
        op=data["op"],
        kernel=data["kernel"],
        macs=data["macs"],
        calls=data["calls"],
        output_bytes=data["output_bytes"],
        output=data.get("output", ""),
    )


_ITEM_BYTES = {"int8": 1, "uint8": 1, "int16": 2, "int32": 4}


def _problems(manifest: Manifest) -> list[str]:
    """Rules that the manifest breaks; what reaches a compiler's command line is checked here."""
    found = []
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", manifest.name):
        found.append(f"name '{manifest.name}' is not a lower-case C identifier")
    if not re.fullmatch(r"[0-9a-f]{64}", manifest.model_sha256):
        found.append("model_sha256 is not 64 hexadecimal digits")
    found += [f"'{flag}' in optimize is not a flag" for flag in manifest.optimize if not flag.startswith(("-O", "-f"))]
    for source in (*manifest.sources, manifest.golden):
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_./-]*\.(c|S)", source) or ".." in source:
            found.append(f"source '{source}' is not a .c or .S file inside the directory")
    for tensor in (*manifest.inputs, *manifest.outputs):
        if tensor.bytes != math.prod(tensor.shape) * _ITEM_BYTES.get(tensor.dtype, 0):
            found.append(f"'{tensor.name}' has {tensor.bytes} bytes, not {tensor.dtype} {list(tensor.shape)}")
    if not (manifest.inputs and manifest.outputs and manifest.layers):
        found.append("a model needs inputs, outputs and layers")
    if [layer.index for layer in manifest.layers] != list(range(len(manifest.layers))):
        found.append("layers are not numbered 0, 1, 2, ...")
    return found
