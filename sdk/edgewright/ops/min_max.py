"""Min and Max of any number of values; with a constant number they are a Clip."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edgewright.contracts.elementwise import LutS8, MinMaxS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.activation import Clamp
from edgewright.ops.base import Op, ScaleRule, Shape
from edgewright.ops.broadcast import shapes_broadcast
from edgewright.ops.clip import Clip
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.reshape import Reshape


@dataclass(frozen=True)
class MinMax(Op):
    """The larger (is_max) or smaller of two values, with NumPy broadcasting."""

    onnx_types = ("Max", "Min")
    contracts = (MinMaxS8, LutS8)
    scale_rule = ScaleRule.SHARED

    is_max: bool

    @property
    def mnemonic(self) -> str:
        return "max" if self.is_max else "min"

    shapes_broadcast = shapes_broadcast

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        is_max = node.op_type == "Max"
        operands = sorted((node.input(k) for k in range(len(node.inputs))), key=lambda v: v.is_const)
        total = operands[0]
        for index, other in enumerate(operands[1:], 2):
            name = node.output_names[0] if index == len(operands) else None
            if other.data is not None and other.size == 1 and len(other.shape) <= len(total.shape):
                bound = float(other.data.reshape(()))
                total = build.value(Clip(Clamp(bound) if is_max else Clamp(-math.inf, bound)), [total], name)
            else:
                total = build.value(cls(is_max), [total, other], name)
        return [build.value(Reshape(total.shape), [total], node.output_names[0]) if len(operands) == 1 else total]

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("Max" if self.is_max else "Min")]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        a, b = inputs
        assert a is not None
        assert b is not None
        return [tuple(np.broadcast_shapes(a, b))]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = inputs
        assert a is not None
        assert b is not None
        return [np.maximum(a, b) if self.is_max else np.minimum(a, b)]

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        return self

    def lower(self, low: Lowering) -> None:
        a, b = (low.input_as(k, low.out_quant()) for k in (0, 1))
        low.emit(MinMaxS8(self.is_max, low.out().shape, a.shape, b.shape), [a, b])
