"""Softmax and LogSoftmax."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from edgewright.contracts.softmax import LogSoftmaxS8, SoftmaxS8, exp_table
from edgewright.ir import Graph
from edgewright.ops.base import Op, ScaleRule, Shape
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode, Unsupported

#: What the 32-bit sum of exponentials of the kernels holds.
LONGEST = 65_536


@dataclass(frozen=True)
class OverAxis(Op):
    """What both have in common: they run along `axis`, or along all axes from it on (flat, before opset 13)."""

    axis: int
    flat: bool = False

    @limit
    @staticmethod
    def length(node: OnnxNode) -> str | None:
        """up to 65,536 values along the axis"""
        (shape, axis, flat) = _span(node)
        n = math.prod(shape[axis:]) if flat else shape[axis]
        return None if n <= LONGEST else f"{n:,} values"

    @classmethod
    def from_onnx(cls, node: OnnxNode) -> Self:
        _, axis, flat = _span(node)
        return cls(axis, flat)

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm(type(self).onnx_types[0], {"axis": self.axis})]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        assert inputs[0] is not None
        return [inputs[0]]

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        return None if self.flat else replace(self, axis=perm.index(self.axis))

    def axes(self, rank: int) -> tuple[int, ...]:
        """The axes that are summed over."""
        return tuple(range(self.axis, rank)) if self.flat else (self.axis,)

    def extents(self, shape: Shape) -> tuple[int, int, int]:
        """`shape` as [outer, n, inner] with the axes in the middle."""
        stop = len(shape) if self.flat else self.axis + 1
        return math.prod(shape[: self.axis]), math.prod(shape[self.axis : stop]), math.prod(shape[stop:])


@dataclass(frozen=True)
class Softmax(OverAxis):
    """exp(x) / sum(exp(x))."""

    onnx_types = ("Softmax",)
    contracts = (SoftmaxS8,)
    scale_rule = ScaleRule.FIXED

    def fixed_quant(self) -> tuple[float, int]:
        return 1 / 256, -128

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        axes = self.axes(x.ndim)
        e = np.exp(x - x.max(axis=axes, keepdims=True))
        return [(e / e.sum(axis=axes, keepdims=True)).astype(np.float32)]

    def lower(self, low: Lowering) -> None:
        x, yq = low.input(0), low.out_quant()
        outer, n, inner = self.extents(x.shape)
        levels = round(1 / yq.scale)
        if not 1 <= levels <= 32_768:
            raise Unsupported(f"output scale {yq.scale:g}; supported: 1/32768 to 1")
        table = exp_table(low.quant(0).scale)
        low.emit(SoftmaxS8(table, outer, n, inner, levels, yq.zero, x.shape), [x])


@dataclass(frozen=True)
class LogSoftmax(OverAxis):
    """x - log(sum(exp(x)))."""

    onnx_types = ("LogSoftmax",)
    contracts = (LogSoftmaxS8,)

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        axes = self.axes(x.ndim)
        below = x - x.max(axis=axes, keepdims=True)
        return [(below - np.log(np.exp(below).sum(axis=axes, keepdims=True))).astype(np.float32)]

    def lower(self, low: Lowering) -> None:
        x, yq = low.input(0), low.out_quant()
        outer, n, inner = self.extents(x.shape)
        try:
            contract = LogSoftmaxS8.from_scales(
                x_scale=low.quant(0).scale, y_scale=yq.scale, y_zero=yq.zero,
                outer=outer, n=n, inner=inner, out_shape=x.shape,
            )  # fmt: skip
        except ValueError as error:
            raise Unsupported(str(error)) from error
        low.emit(contract, [x])


def end_before_softmax(graph: Graph[Op]) -> None:
    """Let the graph end before its final softmaxes, which saturate and so hide changes of what goes in."""
    ends = {node.output: node.operand(0) for node in graph.nodes if isinstance(node.op, OverAxis)}
    graph.outputs = list(dict.fromkeys(ends.get(value, value) for value in graph.outputs))
    graph.prune()


def _span(node: OnnxNode) -> tuple[Shape, int, bool]:
    """Shape of the input, the axis, and whether all axes from it on count.

    Source: ONNX Softmax: up to opset 11 the input is seen as a matrix split at `axis` (default 1), from 13 on it
    is one axis (default -1).
    """
    shape = node.input(0).shape
    old = node.opset < 13
    axis = node.attribute("axis", 1 if old else -1)
    if not shape or not -len(shape) <= axis < len(shape):
        raise Unsupported(f"axis {axis} of {len(shape)}")
    axis %= len(shape)
    return shape, axis, old and any(n != 1 for n in shape[axis + 1 :])
