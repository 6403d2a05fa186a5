"""Reads a model's file, with our own limits before anything else looks at it."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path

import onnx
import onnx.inliner
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import ModelProto
from onnx.external_data_helper import load_external_data_for_model

from edgewright.errors import ModelFileError
from edgewright.frontend.formats import readers
from edgewright.frontend.limits import check_limits
from edgewright.frontend.names import one_line
from edgewright.ir import Graph
from edgewright.ops import Op

#: Larger files are refused before they are parsed: no microcontroller or Pi model comes near.
MAX_FILE_BYTES = 512 * 2**20
OLDEST_OPSET = 7
OLDEST_IR = 3


@dataclass(frozen=True, eq=False)
class ModelFile:
    """A parsed model. sha256: of the file's bytes, 64 hex digits."""

    path: Path
    proto: ModelProto
    sha256: str

    def fixed_bytes(self, graph: Graph[Op]) -> bytes:
        """The model with its data inside and its inputs fixed to the shapes of `graph`, as a file."""
        shapes = {value.name: value.shape for value in graph.inputs}
        proto = ModelProto()
        proto.CopyFrom(self.proto)
        for info in proto.graph.input:
            if info.name in shapes:
                del info.type.tensor_type.shape.dim[:]
                for size in shapes[info.name]:
                    info.type.tensor_type.shape.dim.add().dim_value = size
        del proto.graph.value_info[:]
        for info in proto.graph.output:
            info.type.tensor_type.ClearField("shape")
        data: bytes = proto.SerializeToString(deterministic=True)
        return data

    @property
    def opset(self) -> int:
        """Version of the default ONNX domain; of a model that does without it the newest one known."""
        return next(
            (o.version for o in self.proto.opset_import if o.domain in ("", "ai.onnx")), onnx.defs.onnx_opset_version()
        )


def load_model(path: Path) -> ModelFile:
    """The model in `path`, external data included: ONNX, or what `formats` reads by the ending of its name.

    Raises:
        ModelFileError: missing, unreadable, too large, not a model, older than opset 7 or IR 3, or beyond
            one of the `limits`.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ModelFileError(f"{path}: cannot be read: {_kind(status.st_mode)}; give the model's file")
        size = status.st_size
        if size > MAX_FILE_BYTES:
            raise ModelFileError(f"{path.name}: {size:,} bytes; at most {MAX_FILE_BYTES:,} are read")
        data = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read: {error.strerror}") from None
    if not data:
        raise ModelFileError(f"{path.name}: the file is empty")
    reader = readers().get(path.suffix.lower(), _parsed)
    proto = reader(path, data)
    if not proto.HasField("graph") or not proto.graph.node or not proto.opset_import:
        raise ModelFileError(f"{path.name}: not an ONNX model: no graph with nodes and an opset")
    model = ModelFile(path, proto, hashlib.sha256(data).hexdigest())
    if proto.ir_version < OLDEST_IR or model.opset < OLDEST_OPSET:
        raise ModelFileError(
            f"{path.name}: IR {proto.ir_version}, opset {model.opset};"
            f" supported: IR {OLDEST_IR}, opset {OLDEST_OPSET} and up"
        )
    check_limits(path.name, proto, path.parent)
    _load_external(model)
    return _inlined(model) if proto.functions else model


def _inlined(model: ModelFile) -> ModelFile:
    """`model` without functions of its own."""
    try:
        proto = onnx.inliner.inline_local_functions(model.proto)
    except Exception as error:  # of whatever type the library's C++ happens to throw
        first = one_line((str(error).splitlines() or [type(error).__name__])[0][:200])
        raise ModelFileError(f"{model.path.name}: its functions cannot be inlined: {first}") from None
    check_limits(model.path.name, proto)
    return ModelFile(model.path, proto, model.sha256)


def _kind(mode: int) -> str:
    """What a path that is no file is."""
    if stat.S_ISDIR(mode):
        return "it is a folder"
    return "it is a device" if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) else "it is a pipe or a socket"


def _parsed(path: Path, data: bytes) -> ModelProto:
    proto = ModelProto()
    try:
        proto.ParseFromString(data)
    except DecodeError:
        what = f"not an ONNX model, truncated, or nested too deeply ({len(data):,} bytes)"
        raise ModelFileError(f"{path.name}: {what}") from None
    return proto


def _load_external(model: ModelFile) -> None:
    try:
        load_external_data_for_model(model.proto, str(model.path.parent))
    except (OSError, ValueError, onnx.checker.ValidationError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelFileError(f"{model.path.name}: external data: {first}") from None
