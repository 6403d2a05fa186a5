"""Pow with a constant exponent or base: a function of one value."""

from __future__ import annotations

import numpy as np

from edgewright.contracts.elementwise import LutS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.base import OnnxOperator
from edgewright.ops.limits import limit
from edgewright.ops.mul import Mul
from edgewright.ops.onnx_node import OnnxNode
from edgewright.ops.unary import Unary


class Pow(OnnxOperator):
    """x ^ e as a table; b ^ x as exp(x ln b)."""

    onnx_types = ("Pow",)
    contracts = (LutS8,)

    @limit
    @staticmethod
    def one_constant(node: OnnxNode) -> str | None:
        """an exponent, or a positive base, that is one constant number"""
        base, exponent = node.input(0).data, node.input(1).data
        if exponent is not None:
            return None if exponent.size == 1 else f"{exponent.size} exponents"
        if base is None:
            return "base and exponent are computed at run time"
        return None if base.size == 1 and base.min() > 0 else f"{base.size} bases, the least {float(base.min()):g}"

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        base, exponent = node.input(0), node.input(1)
        if exponent.data is not None:
            op = Unary("Pow", (("exponent", float(exponent.data.reshape(()))),))
            return [build.value(op, [base], node.output_names[0])]
        assert base.data is not None
        factor = build.const(np.log(base.data.astype(np.float32)).reshape(()))
        return [build.value(Unary("Exp"), [build.value(Mul(), [exponent, factor])], node.output_names[0])]
