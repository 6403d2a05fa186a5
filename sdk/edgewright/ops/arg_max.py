"""ArgMax and ArgMin: the only operations whose output is int32."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edgewright.contracts.pool import ArgMaxS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.base import Op, ScaleRule, Shape
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.reduce import middle
from edgewright.ops.reshape import Reshape
from edgewright.ops.transpose import Transpose


@dataclass(frozen=True)
class ArgMax(Op):
    """The index of the largest (is_max) or smallest value along `axis`, which stays with size 1."""

    onnx_types = ("ArgMax", "ArgMin")
    contracts = (ArgMaxS8,)
    scale_rule = ScaleRule.FIXED

    axis: int
    is_max: bool = True
    select_last: bool = False

    @property
    def mnemonic(self) -> str:
        return "arg_max" if self.is_max else "arg_min"

    @limit
    @staticmethod
    def existing_axis(node: OnnxNode) -> str | None:
        """an axis that exists; the result may only be reshaped and leave the model"""
        rank, axis = len(node.input(0).shape), node.attribute("axis", 0)
        return None if -rank <= axis < rank else f"axis {axis} of {rank}"

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        x, name = node.input(0), node.output_names[0]
        axis = node.attribute("axis", 0) % len(x.shape)
        op = cls(axis, node.op_type == "ArgMax", bool(node.attribute("select_last_index", 0)))
        keeps = bool(node.attribute("keepdims", 1))
        (found,) = build.node(op, [x], [name] if keeps else None, dtype="int32")
        if keeps:
            return [found]
        return build.node(Reshape((*x.shape[:axis], *x.shape[axis + 1 :])), [found], [name], dtype="int32")

    def to_onnx(self) -> list[OnnxForm]:
        attributes = {"axis": self.axis, "keepdims": 1, "select_last_index": int(self.select_last)}
        return [OnnxForm("ArgMax" if self.is_max else "ArgMin", attributes)]

    def fixed_quant(self) -> tuple[float, int]:
        return 1.0, 0

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        (x,) = inputs
        assert x is not None
        return [tuple(1 if i == self.axis else n for i, n in enumerate(x))]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        view = x if self.is_max else -x
        if self.select_last:
            index = x.shape[self.axis] - 1 - np.flip(view, self.axis).argmax(self.axis)
        else:
            index = view.argmax(self.axis)
        return [np.expand_dims(index, self.axis).astype(np.float32)]

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        """Only where the indices need no transposing: the kernels move bytes."""
        (x,) = shapes
        assert x is not None
        moved = replace(self, axis=perm.index(self.axis))
        (out,) = self.output_shapes(x)
        return moved if Transpose(perm).keeps_order(out) else None

    def lower(self, low: Lowering) -> None:
        x, (outer, n, inner) = middle(low, low.input(0), (self.axis,))
        low.emit(ArgMaxS8(self.is_max, self.select_last, outer, n, inner, low.out().shape), [x], dtype="int32")
