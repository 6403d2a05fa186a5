"""Finds every operation by importing the modules of this package."""

import importlib
import inspect
import pkgutil
from functools import cache

from edgewright.ops.base import Op


@cache
def importers() -> dict[str, type[Op]]:
    """ONNX operator name -> the operation that imports it.

    Raises:
        ValueError: two operations claim one operator.
    """
    package = importlib.import_module("edgewright.ops")
    found: dict[str, type[Op]] = {}
    for info in pkgutil.iter_modules(package.__path__, "edgewright.ops."):
        for _, member in inspect.getmembers(importlib.import_module(info.name), inspect.isclass):
            if not issubclass(member, Op) or member.__module__ != info.name:
                continue
            for name in member.__dict__.get("onnx_types", ()):
                if found.setdefault(name, member) is not member:
                    raise ValueError(f"{name} is imported by {found[name].__name__} and {member.__name__}")
    return dict(sorted(found.items()))
