"""Greater, Less and their like: 1 where the comparison holds, 0 elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edgewright.contracts.conv import DepthwiseS8
from edgewright.contracts.elementwise import AddS8, LutS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.add import Add
from edgewright.ops.broadcast import shapes_broadcast
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.table import TableOp

FUNCTIONS: dict[str, Callable[..., np.ndarray]] = {
    "Equal": np.equal,
    "Greater": np.greater,
    "GreaterOrEqual": np.greater_equal,
    "Less": np.less,
    "LessOrEqual": np.less_equal,
}
#: Operator -> the one that holds when the operands change places.
SWAPPED = {
    "Equal": "Equal", "Greater": "Less", "GreaterOrEqual": "LessOrEqual", "Less": "Greater",
    "LessOrEqual": "GreaterOrEqual",
}  # fmt: skip
FLOAT = 1  # TensorProto.FLOAT


@dataclass(frozen=True)
class Compare(TableOp):
    """1.0 where function(x, bound) holds, 0.0 elsewhere.

    Two operands that are computed, or a constant of several numbers, are compared by their difference with 0.
    """

    onnx_types = tuple(FUNCTIONS)
    onnx_since = (("GreaterOrEqual", 12), ("LessOrEqual", 12))
    contracts = (LutS8, AddS8, DepthwiseS8)

    function: str
    bound: float = 0.0

    shapes_broadcast = shapes_broadcast

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        a, b, function = node.input(0), node.input(1), node.op_type
        if a.data is not None:
            a, b, function = b, a, SWAPPED[function]
        wide = np.broadcast_shapes(a.shape, b.shape)
        if b.data is not None and b.size == 1 and wide == a.shape:
            return [build.value(cls(function, float(b.data.reshape(()))), [a], node.output_names[0])]
        return [build.value(cls(function), [build.value(Add(sign=-1), [a, b])], node.output_names[0])]

    @property
    def mnemonic(self) -> str:
        return self.function.lower()

    def to_onnx(self) -> list[OnnxForm]:
        bound = np.array(self.bound, dtype=np.float32)
        return [OnnxForm(self.function, {}, {1: bound}), OnnxForm("Cast", {"to": FLOAT})]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        return [np.asarray(FUNCTIONS[self.function](x, np.float32(self.bound)), dtype=np.float32)]
