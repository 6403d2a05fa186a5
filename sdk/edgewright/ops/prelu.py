"""PRelu."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edgewright.contracts.elementwise import PreluS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.numerics import multiplier
from edgewright.ops.base import Op, Shape
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.unary import Unary


@dataclass(frozen=True)
class PRelu(Op):
    """x above zero, slope * x below. Inputs: x; slope, a constant that broadcasts to x."""

    onnx_types = ("PRelu",)
    contracts = (PreluS8,)

    @limit
    @staticmethod
    def constant_slope(node: OnnxNode) -> str | None:
        """a constant slope that broadcasts to the input"""
        x, slope = node.input(0).shape, node.input(1)
        if slope.data is None:
            return "slope computed at run time"
        wide = (1,) * (len(x) - len(slope.shape)) + slope.shape
        fits = len(wide) == len(x) and all(n in (1, m) for n, m in zip(wide, x, strict=True))
        return None if fits else f"slope {list(slope.shape)} for {list(x)}"

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        slope = node.constant(1, "slope")
        if slope.size == 1:
            op = Unary("LeakyRelu", (("alpha", float(slope.reshape(()))),))
            return [build.value(op, [node.input(0)], node.output_names[0])]
        return [build.value(cls(), [node.input(0), node.input(1)], node.output_names[0])]

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("PRelu")]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        assert inputs[0] is not None
        return [inputs[0]]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, slope = inputs
        assert x is not None
        assert slope is not None
        return [np.where(x < 0, x * slope, x).astype(np.float32)]

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        return self

    def lower(self, low: Lowering) -> None:
        x, xq, yq = low.input(0), low.quant(0), low.out_quant()
        slopes = channel_slopes(low.real(1), x.shape)
        ratio = xq.scale / yq.scale
        fixed = multiplier(np.array([*np.abs(slopes) * ratio, ratio]))
        contract = PreluS8(
            int(fixed.mult[-1]), fixed.shift, fixed.mult[:-1], np.where(slopes < 0, -1, 1).astype(np.int8),
            (x.size // len(slopes), len(slopes)), xq.zero, yq.zero,
        )  # fmt: skip
        low.emit(contract, [x])


def channel_slopes(slope: np.ndarray, shape: Shape) -> np.ndarray:
    """The slopes of the shortest run of x that repeats, float64 [run]: of the channels when they are last."""
    wide = slope.reshape((1,) * (len(shape) - slope.ndim) + slope.shape)
    first = next((axis for axis, n in enumerate(wide.shape) if n != 1), len(shape))
    run = np.broadcast_to(wide, (*wide.shape[:first], *shape[first:])).reshape(-1)
    return run.astype(np.float64).reshape(math.prod(shape[first:]))
