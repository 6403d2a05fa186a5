"""Writes an ONNX file whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from edgewright.errors import UsageError
from edgewright.frontend import export_onnx
from edgewright.ir import Graph
from edgewright.ops import Op


def check_output(out: Path, *sources: Path) -> None:
    """Raise UsageError when writing `out` would destroy one of the files that it is made of."""
    for source in sources:
        if out.resolve() == source.resolve():
            raise UsageError(f"{out}: is the model that is read; give another file with -o")


def write_onnx(graph: Graph[Op], path: Path, *, quantized: bool = False) -> int:
    """Write a float graph, when `quantized` with its scales as QDQ; the bytes of the file.

    Raises:
        UsageError: it cannot be written.
    """
    data: bytes = export_onnx(graph, quantized=quantized).SerializeToString(deterministic=True)
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(beside).chmod(0o644)
            Path(beside).replace(path)
        finally:
            Path(beside).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    return len(data)
