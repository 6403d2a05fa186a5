"""Float operations, one file each: ONNX import and export, shapes, float semantics, lowering to integers."""

from edgewright.ops.base import Op
from edgewright.ops.registry import importers

__all__ = ["Op", "importers"]
