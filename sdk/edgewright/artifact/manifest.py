"""NAME_manifest.json as a record: what a generated directory holds."""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass
from typing import Any

from edgewright.artifact.layout import Layout
from edgewright.errors import UsageError
from edgewright.targets import Target, named_target
from edgewright.targets.strict import from_table

SCHEMA_VERSION = 1
#: The options of GCC that a manifest may ask for: one with its own `-fplugin=` would run code.
OPTIMIZE_FLAGS = ("-O0", "-O1", "-O2", "-O3", "-Os")
ITEM_BYTES = {"int8": 1, "uint8": 1, "int16": 2, "int32": 4}


@dataclass(frozen=True)
class Model:
    """The ONNX model: its file's name, the hash of its bytes (hex), and its multiply-accumulates as it came in."""

    file: str
    sha256: str
    macs: int


@dataclass(frozen=True)
class Tensor:
    """An input or output of the model: real value = (stored - zero) * scale.

    model_perm: axis k of the stored tensor is this axis of the model's; None when they are the same.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    bytes: int
    scale: float
    zero: int
    model_perm: tuple[int, ...] | None


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer of the call list: `calls` kernel calls on each of `threads` threads.

    name: the node's. op: the contract. output: the value it makes, of output_bytes at output_offset of the arena.
    """

    index: int
    name: str
    op: str
    kernel: str
    macs: int
    calls: int
    threads: int = 1
    output: str
    output_shape: tuple[int, ...]
    output_bytes: int
    output_offset: int
    scratch_bytes: int


@dataclass(frozen=True)
class Held:
    """A piece of the arena, the values that share it, and the first and last step in which it is alive."""

    values: tuple[str, ...]
    bytes: int
    offset: int
    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a generated directory holds.

    edgewright: the version that wrote it. name: C prefix. optimize: GCC options of the kernels. goal: time, ram,
    flash or balanced. threads: the most that work on one layer. quantization: how scales were chosen. shapes: sizes
    that the user fixed. arena_optimum_bytes: the most bytes alive in one step, in `peak_layer`. macs: of the
    call list. sources: files to compile, relative to the directory. golden, reference: file names. memory: the arena.
    """

    edgewright: str
    name: str
    model: Model
    target: Target
    optimize: str
    goal: str
    threads: int = 1
    quantization: dict[str, Any]
    shapes: dict[str, tuple[int, ...]]
    arena_bytes: int
    arena_align: int
    arena_optimum_bytes: int
    peak_layer: str
    weights_bytes: int
    macs: int
    sources: tuple[str, ...]
    golden: str
    reference: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    layers: tuple[Layer, ...]
    memory: tuple[Held, ...]

    def to_json(self) -> dict[str, Any]:
        """The document: plain lists, dicts, strings and numbers. What stands at its default is left out."""
        document: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
        for key, value in _plain(self).items():
            document[key] = value if key != "target" else self.target.to_json()
            if key == "model":
                document["model_sha256"] = self.model.sha256
        return document

    @classmethod
    def from_json(cls, document: Any, where: str) -> Manifest:
        """The manifest of a document; `where` names the file in messages.

        Raises:
            UsageError: another schema, a key that is missing, unknown or of another type, or a broken rule.
        """
        if not isinstance(document, dict) or "schema_version" not in document:
            raise UsageError(f"{where}: not a manifest: key 'schema_version' is missing; compile again")
        version = document["schema_version"]
        if version != SCHEMA_VERSION:
            raise UsageError(f"{where}: schema_version {version}, this reads {SCHEMA_VERSION}; compile again")
        table = {key: value for key, value in document.items() if key not in ("schema_version", "model_sha256")}
        if isinstance(table.get("target"), dict):
            table["target"] = _read(_TargetNames, table["target"], f"{where}: target").load(where)
        manifest: Manifest = _read(cls, table, f"{where}: not a manifest")
        found = manifest.problems()
        if manifest.model.sha256 != document.get("model_sha256"):
            found.append("model_sha256 is not that of the model")
        if found:
            raise UsageError(f"{where}: {'; '.join(found)}; compile again")
        return manifest

    def problems(self) -> list[str]:
        """Rules that it breaks; what reaches a compiler's command line is checked here."""
        found = []
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", self.name):
            found.append(f"name '{self.name}' is not a lower-case C identifier")
        if self.reference != Layout(self.name).reference:
            found.append(f"reference is '{self.reference}', not {Layout(self.name).reference}")
        if self.target.board and self.target.board.cpu != self.target.cpu.name:
            found.append(f"{self.target.board.name} has a {self.target.board.cpu}, not a {self.target.cpu.name}")
        if not re.fullmatch(r"[0-9a-f]{64}", self.model.sha256):
            found.append("model_sha256 is not 64 hexadecimal digits")
        for flag in self.optimize.split():
            if flag not in OPTIMIZE_FLAGS:
                found.append(f"'{flag}' in optimize is not a flag that may stand there: {', '.join(OPTIMIZE_FLAGS)}")
        if not self.optimize.split():
            found.append(f"optimize names no flag; one of {', '.join(OPTIMIZE_FLAGS)}")
        for source in (*self.sources, self.golden):
            if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_./-]*\.(c|S)", source) or ".." in source:
                found.append(f"source '{source}' is not a .c or .S file inside the directory")
        for tensor in (*self.inputs, *self.outputs):
            if tensor.bytes != math.prod(tensor.shape) * ITEM_BYTES.get(tensor.dtype, 0):
                found.append(f"'{tensor.name}' has {tensor.bytes} bytes, not {tensor.dtype} {list(tensor.shape)}")
        if not (self.inputs and self.outputs and self.layers):
            found.append("a model needs inputs, outputs and layers")
        if [layer.index for layer in self.layers] != list(range(len(self.layers))):
            found.append("layers are not numbered 0, 1, 2, ...")
        return found


def _read(cls: type[Any], table: dict[str, Any], where: str) -> Any:
    try:
        return from_table(cls, table, where)
    except UsageError as error:
        raise UsageError(f"{error}; compile again") from None


@dataclass(frozen=True)
class _TargetNames:
    """A target as the document names it."""

    cpu: str
    board: str | None

    def load(self, where: str) -> Target:
        """The target, from the folders of CPUs and boards: a name with a path in it is none.

        Raises:
            UsageError: there is no such CPU or board.
        """
        for name in filter(None, (self.cpu, self.board)):
            if not re.fullmatch(r"[A-Za-z0-9][\w.+-]*", name):
                raise UsageError(f"{where}: target '{name}' is not the name of a CPU or board; compile again")
        try:
            return named_target(self.cpu, self.board)
        except UsageError as error:
            raise UsageError(f"{where}: {error}") from None


def _plain(value: Any) -> Any:
    """A record as JSON has it, without fields that stand at their default."""
    if dataclasses.is_dataclass(value) and not isinstance(value, Target):
        held = {field.name: (getattr(value, field.name), field.default) for field in dataclasses.fields(value)}
        return {name: _plain(item) for name, (item, default) in held.items() if item != default}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value
