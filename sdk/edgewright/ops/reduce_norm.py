"""ReduceL1, ReduceL2, ReduceSumSquare and ReduceLogSum: a sum between two functions of one value."""

from __future__ import annotations

from edgewright.contracts.elementwise import LutS8
from edgewright.contracts.pool import ReduceSumS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.base import OnnxOperator
from edgewright.ops.onnx_node import OnnxNode
from edgewright.ops.reduce import build_reduce, constant_axes, reduced_axes
from edgewright.ops.unary import Unary

SQUARE = Unary("Pow", (("exponent", 2.0),))
#: ONNX operator -> what happens to each value before the sum, and to the sum.
PARTS: dict[str, tuple[Unary | None, Unary | None]] = {
    "ReduceL1": (Unary("Abs"), None),
    "ReduceL2": (SQUARE, Unary("Sqrt")),
    "ReduceLogSum": (None, Unary("Log")),
    "ReduceSumSquare": (SQUARE, None),
}


class ReduceNorm(OnnxOperator):
    """The sum of |x|, of x^2, its root, or the logarithm of the sum of x."""

    onnx_types = tuple(PARTS)
    contracts = (LutS8, ReduceSumS8)
    constant_axes = constant_axes

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        before, after = PARTS[node.op_type]
        x, name = node.input(0), node.output_names[0]
        terms = x if before is None else build.value(before, [x])
        keepdims = bool(node.attribute("keepdims", 1))
        total = build_reduce(build, "sum", terms, reduced_axes(node), keepdims, None if after else name)
        return [total if after is None else build.value(after, [total], name)]
