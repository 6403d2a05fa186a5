"""Reductions: ReduceMean, ReduceSum, ReduceMax, ReduceMin and the global pools."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from edgewright.contracts.pool import ReduceMaxS8, ReduceSumS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.numerics import multiplier
from edgewright.numerics.requantize import INT32_MAX
from edgewright.ops.activation import NO_CLAMP, Clamp
from edgewright.ops.base import Op, ScaleRule, Shape
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.reshape import Reshape
from edgewright.ops.strided import transposed

FUNCTIONS: dict[str, Callable[..., np.ndarray]] = {"mean": np.mean, "sum": np.sum, "max": np.max, "min": np.min}
ONNX_NAMES = {"mean": "ReduceMean", "sum": "ReduceSum", "max": "ReduceMax", "min": "ReduceMin"}
GLOBAL_POOLS = {"GlobalAveragePool": "mean", "GlobalMaxPool": "max"}


@limit
def constant_axes(node: OnnxNode) -> str | None:
    """axes that are known at compile time and exist"""
    if node.has_input(1) and node.input(1).data is None:
        return "axes computed at run time"
    rank, axes = len(node.input(0).shape), node.integers(1, "axes") or []
    return f"axes {axes} of {rank}" if any(not -rank <= a < rank for a in axes) else None


@dataclass(frozen=True)
class Reduce(Op):
    """function (mean, sum, max, min) over `axes`, which stay with size 1."""

    onnx_types = (*ONNX_NAMES.values(), *GLOBAL_POOLS)
    contracts = (ReduceSumS8, ReduceMaxS8)

    function: str
    axes: tuple[int, ...]
    clamp: Clamp = NO_CLAMP

    @property
    def scale_rule(self) -> ScaleRule:
        return ScaleRule.SAME if self.function in ("max", "min") else ScaleRule.FREE

    @property
    def takes_clamp(self) -> bool:
        """Whether `clamp` can be other than the identity: an extremum is moved, not computed."""
        return self.function not in ("max", "min")

    @property
    def mnemonic(self) -> str:
        return f"reduce_{self.function}"

    constant_axes = replace(constant_axes, only=tuple(ONNX_NAMES.values()))

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        x, name = node.input(0), node.output_names[0]
        axes = reduced_axes(node)
        function = GLOBAL_POOLS.get(node.op_type) or next(f for f, onnx in ONNX_NAMES.items() if onnx == node.op_type)
        return [build_reduce(build, function, x, axes, bool(node.attribute("keepdims", 1)), name)]

    def to_onnx(self) -> list[OnnxForm]:
        if not self.axes:  # to ONNX an empty list means all of them
            return [OnnxForm("Identity"), *self.clamp.to_onnx()]
        axes = np.array(self.axes, dtype=np.int64)
        return [OnnxForm(ONNX_NAMES[self.function], {"keepdims": 1}, {1: axes}), *self.clamp.to_onnx()]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        (x,) = inputs
        assert x is not None
        return [tuple(1 if i in self.axes else n for i, n in enumerate(x))]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        y = FUNCTIONS[self.function](x, axis=self.axes, keepdims=True)
        return [self.clamp.apply(np.asarray(y, dtype=np.float32))]

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        return replace(self, axes=tuple(sorted(perm.index(a) for a in self.axes)))

    def lower(self, low: Lowering) -> None:
        xq, yq = low.quant(0), low.out_quant()
        x, (outer, n, inner) = middle(low, low.input(0), self.axes)
        shape = low.out().shape
        if self.function in ("max", "min"):
            low.emit_moved(ReduceMaxS8(self.function == "max", outer, n, inner, shape), x)
            return
        if 255 * n > INT32_MAX:
            raise OverflowError(f"a sum of {n:,} values does not fit int32")
        fixed = multiplier(xq.scale / (yq.scale * (n if self.function == "mean" else 1)))
        act_min, act_max = self.clamp.bounds(yq)
        sums = ReduceSumS8(
            int(fixed.mult[0]), fixed.shift, outer, n, inner, shape, xq.zero, yq.zero, act_min, act_max
        )  # fmt: skip
        low.emit(sums, [x])


def reduced_axes(node: OnnxNode) -> tuple[int, ...]:
    """The axes that a Reduce or global pool node reduces; none at all with noop_with_empty_axes."""
    rank = len(node.input(0).shape)
    if node.op_type in GLOBAL_POOLS:
        return tuple(range(2, rank))
    axes = node.integers(1, "axes")
    if not axes:
        axes = [] if node.attribute("noop_with_empty_axes", 0) else list(range(rank))
    return tuple(sorted({a % rank for a in axes}))


def build_reduce(
    build: Builder, function: str, x: Value, axes: tuple[int, ...], keepdims: bool, name: str | None
) -> Value:
    """A reduction of `x`, with the reduced axes dropped unless `keepdims`."""
    shape = tuple(n for i, n in enumerate(x.shape) if keepdims or i not in axes)
    if keepdims:
        return build.value(Reduce(function, axes), [x], name)
    return build.value(Reshape(shape), [build.value(Reduce(function, axes), [x])], name)


def middle(low: Lowering, x: Value, axes: tuple[int, ...]) -> tuple[Value, tuple[int, int, int]]:
    """`x` as [outer, n, inner] with the reduced axes in the middle; transposed first when they are apart."""
    wide = [a for a in axes if x.shape[a] > 1]
    if not wide:
        return x, (1, 1, x.size)
    first, last = wide[0], wide[-1]
    if any(x.shape[a] > 1 and a not in wide for a in range(first, last + 1)):
        kept = [a for a in range(len(x.shape)) if a not in wide]
        x = transposed(low, x, [*kept, *wide])
        return x, (math.prod(x.shape[: len(kept)]), math.prod(x.shape[len(kept) :]), 1)
    return x, (math.prod(x.shape[:first]), math.prod(x.shape[first : last + 1]), math.prod(x.shape[last + 1 :]))
