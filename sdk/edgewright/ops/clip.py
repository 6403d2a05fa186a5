"""Relu, Relu6 and Clip: fused into the layer before where there is one, else a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.ops.activation import Clamp
from edgewright.ops.base import Op, Shape
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.unary import lower_to_table


@dataclass(frozen=True)
class Clip(Op):
    """y = min(max(x, low), high)."""

    onnx_types = ("Relu", "Clip")

    clamp: Clamp

    @classmethod
    def import_onnx(cls, node: OnnxNode, build):  # type: ignore[no-untyped-def]
        return build.node(cls.from_onnx(node), [node.input(0)], names=node.output_names)

    @classmethod
    def from_onnx(cls, node: OnnxNode) -> Clip:
        if node.op_type == "Relu":
            return cls(Clamp(0.0))
        largest = float(np.finfo(np.float32).max)
        low = node.constant_or_attribute(1, "min")
        high = node.constant_or_attribute(2, "max")
        bounds = [None if v is None else float(np.asarray(v).reshape(())) for v in (low, high)]
        return cls(
            Clamp(
                -np.inf if bounds[0] is None or bounds[0] <= -largest else bounds[0],
                np.inf if bounds[1] is None or bounds[1] >= largest else bounds[1],
            )
        )

    def to_onnx(self) -> list[OnnxForm]:
        return self.clamp.to_onnx()

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        assert inputs[0] is not None
        return [inputs[0]]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        return [self.clamp.apply(x)]

    def lower(self, low: Lowering) -> None:
        lower_to_table(low, self)

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        return self
