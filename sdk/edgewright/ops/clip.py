"""Relu, Relu6 and Clip: fused into the layer before where there is one, else a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.elementwise import LutS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.activation import Clamp
from edgewright.ops.limits import limit_of
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.table import TableOp


@dataclass(frozen=True)
class Clip(TableOp):
    """y = min(max(x, low), high)."""

    onnx_types = ("Relu", "Clip")
    contracts = (LutS8,)

    clamp: Clamp

    @limit_of("Clip")
    @staticmethod
    def constant_bounds(node: OnnxNode) -> str | None:
        """constant bounds, the lower one not above the upper one"""
        inputs = [node.inputs[i] for i in (1, 2) if node.has_input(i)]
        if any(v is not None and v.data is None for v in inputs):
            return "bounds that are computed at run time"
        low, high = _bounds(node)
        return f"bounds {low:g} and {high:g}" if low > high else None

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        return build.node(cls.from_onnx(node), [node.input(0)], names=node.output_names)

    @classmethod
    def from_onnx(cls, node: OnnxNode) -> Clip:
        return cls(Clamp(0.0)) if node.op_type == "Relu" else cls(Clamp(*_bounds(node)))

    def to_onnx(self) -> list[OnnxForm]:
        return self.clamp.to_onnx()

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        return [self.clamp.apply(x)]


def _bounds(node: OnnxNode) -> tuple[float, float]:
    """Source: ONNX Clip: the bounds are attributes up to opset 10, inputs later; absent or extreme means none."""
    largest = float(np.finfo(np.float32).max)
    low, high = node.constant_or_attribute(1, "min"), node.constant_or_attribute(2, "max")
    floor = -largest if low is None else float(np.asarray(low).reshape(()))
    ceiling = largest if high is None else float(np.asarray(high).reshape(()))
    return -np.inf if floor <= -largest else floor, np.inf if ceiling >= largest else ceiling
