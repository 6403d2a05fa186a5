"""Importers of formats other than ONNX: a folder of this package each.

A folder names the endings of its files in `SUFFIXES` (".tflite") and has `to_onnx(path, data)`, which makes an ONNX
model of a file's bytes and raises `ModelFileError` for what it cannot read. Everything behind it sees that model:
checks, names, shapes, scales, and the float reference that ONNX Runtime executes.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeAlias

from onnx import ModelProto

#: Makes a model of the path and the bytes of a file.
Reader: TypeAlias = Callable[[Path, bytes], ModelProto]


@cache
def readers() -> dict[str, Reader]:
    """What reads files that are not ONNX, by their ending in lower case."""
    package = importlib.import_module("edgewright.frontend")
    found: dict[str, Reader] = {}
    for info in pkgutil.iter_modules(package.__path__, "edgewright.frontend."):
        if info.ispkg:
            module = importlib.import_module(info.name)
            found |= dict.fromkeys(module.SUFFIXES, module.to_onnx)
    return found
