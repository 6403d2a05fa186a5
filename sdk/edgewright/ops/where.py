"""Where: a choice element by element, as a sum of two products with the condition."""

from __future__ import annotations

import numpy as np

from edgewright.contracts.conv import DepthwiseS8
from edgewright.contracts.elementwise import AddS8, LutS8, MulS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.add import Add
from edgewright.ops.base import OnnxOperator
from edgewright.ops.broadcast import shapes_broadcast
from edgewright.ops.mul import Mul
from edgewright.ops.onnx_node import OnnxNode
from edgewright.ops.reshape import Reshape


class Where(OnnxOperator):
    """condition * x + (1 - condition) * y; constants take no product."""

    onnx_types = ("Where",)
    onnx_since = (("Where", 9),)
    contracts = (AddS8, MulS8, LutS8, DepthwiseS8)

    shapes_broadcast = shapes_broadcast

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        condition, name = node.input(0), node.output_names[0]
        shape = np.broadcast_shapes(*(node.input(k).shape for k in range(3)))
        if condition.data is not None:
            wanted = condition.data.astype(bool)
            terms = [_where_constant(node.input(1), wanted, build), _where_constant(node.input(2), ~wanted, build)]
        else:
            otherwise = build.value(Add(sign=-1), [build.const(np.array(1, dtype=np.float32)), condition])
            terms = [build.value(Mul(), [condition, node.input(1)]), build.value(Mul(), [otherwise, node.input(2)])]
        given = [term for term in terms if term is not None]
        if len(given) == 2:
            return [build.value(Add(), given, name)]
        (only,) = given
        if only.shape != shape:
            only = build.value(Mul(), [only, build.const(np.ones(shape, dtype=np.float32))])
        return [build.value(Reshape(shape), [only], name)]


def _where_constant(value: Value, wanted: np.ndarray, build: Builder) -> Value | None:
    """`value` where it is wanted and 0 elsewhere; None where it never is, or is a constant 0."""
    if not wanted.any() or (value.data is not None and not np.where(wanted, value.data, 0).any()):
        return None
    if value.data is not None:
        return build.const(np.where(wanted, value.data, 0).astype(np.float32))
    return value if wanted.all() else build.value(Mul(), [value, build.const(wanted.astype(np.float32))])
