"""Finds everything that imports ONNX operators by loading the modules of this package."""

import importlib
import inspect
import pkgutil
from functools import cache

from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.base import OnnxOperator
from edgewright.ops.limits import check_limits
from edgewright.ops.onnx_node import OnnxNode, Unsupported

#: A value with more elements is refused: a hostile Tile, Pad or Resize could ask for any size.
MAX_ELEMENTS = 64 * 2**20


@cache
def importers() -> dict[str, type[OnnxOperator]]:
    """ONNX operator name -> the class that imports it, by name.

    Raises:
        ValueError: two classes claim one operator.
    """
    package = importlib.import_module("edgewright.ops")
    found: dict[str, type[OnnxOperator]] = {}
    for info in pkgutil.iter_modules(package.__path__, "edgewright.ops."):
        for _, member in inspect.getmembers(importlib.import_module(info.name), inspect.isclass):
            if not issubclass(member, OnnxOperator) or member.__module__ != info.name:
                continue
            for name in member.__dict__.get("onnx_types", ()):
                if found.setdefault(name, member) is not member:
                    raise ValueError(f"{name} is imported by {found[name].__name__} and {member.__name__}")
    return dict(sorted(found.items()))


def import_node(node: OnnxNode, build: Builder) -> list[Value]:
    """Build what `node` means; its outputs in order.

    Raises:
        Unsupported: no such operator, a limit is broken, or an output is empty or too large.
    """
    operator = importers().get(node.op_type)
    if operator is None:
        raise Unsupported("operator is not supported")
    check_limits(operator, node)
    results = operator.import_onnx(node, build)
    for value in (out for new in build.nodes for out in new.outputs):
        if not 0 < value.size <= MAX_ELEMENTS:
            raise Unsupported(f"an output of shape {list(value.shape)}; supported: 1 to {MAX_ELEMENTS:,} elements")
    return results
