"""Reductions: ReduceMean, ReduceSum, ReduceMax, ReduceMin and the global pools."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edgewright.contracts.movement import Copy, CopyS8
from edgewright.contracts.pool import ReduceMaxS8, ReduceSumS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.numerics import multiplier
from edgewright.ops.activation import NO_CLAMP, Clamp
from edgewright.ops.base import Op, Shape
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode, Unsupported
from edgewright.ops.transpose import Transpose, row_major

FUNCTIONS = {"mean": np.mean, "sum": np.sum, "max": np.max, "min": np.min}
ONNX_NAMES = {"mean": "ReduceMean", "sum": "ReduceSum", "max": "ReduceMax", "min": "ReduceMin"}
GLOBAL_POOLS = {"GlobalAveragePool": "mean", "GlobalMaxPool": "max"}


@dataclass(frozen=True)
class Reduce(Op):
    """function (mean, sum, max, min) over `axes`, which stay with size 1 when keepdims."""

    onnx_types = (*ONNX_NAMES.values(), *GLOBAL_POOLS)

    function: str
    axes: tuple[int, ...]
    keepdims: bool = True
    clamp: Clamp = NO_CLAMP

    @property
    def scale_rule(self) -> str:  # type: ignore[override]
        return "same" if self.function in ("max", "min") else "free"

    @property
    def mnemonic(self) -> str:
        return f"reduce_{self.function}"

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        return build.node(cls.from_onnx(node), [node.input(0)], names=node.output_names)

    @classmethod
    def from_onnx(cls, node: OnnxNode) -> Reduce:
        rank = len(node.input(0).shape)
        if node.op_type in GLOBAL_POOLS:
            return cls(GLOBAL_POOLS[node.op_type], tuple(range(2, rank)))
        function = next(name for name, onnx in ONNX_NAMES.items() if onnx == node.op_type)
        axes = node.constant_or_attribute(1, "axes")
        if axes is None or len(axes) == 0:
            axes = [] if node.attribute("noop_with_empty_axes", 0) else range(rank)
        return cls(function, tuple(sorted(int(a) % rank for a in axes)), bool(node.attribute("keepdims", 1)))

    def to_onnx(self) -> list[OnnxForm]:
        axes = np.array(self.axes, dtype=np.int64)
        return [OnnxForm(ONNX_NAMES[self.function], {"keepdims": int(self.keepdims)}, {1: axes}), *self.clamp.to_onnx()]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        (x,) = inputs
        assert x is not None
        kept = [(1 if i in self.axes else n) for i, n in enumerate(x) if self.keepdims or i not in self.axes]
        return [tuple(kept)]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        y = FUNCTIONS[self.function](x, axis=self.axes, keepdims=self.keepdims)
        return [self.clamp.apply(np.asarray(y, dtype=np.float32))]

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        if not self.keepdims:
            return None
        return replace(self, axes=tuple(sorted(perm.index(a) for a in self.axes)))

    def lower(self, low: Lowering) -> None:
        x, xq, yq = low.input(0), low.quant(0), low.out_quant()
        x, (outer, n, inner) = _middle(low, x, self.axes)
        shape = low.out().shape
        if self.function in ("max", "min"):
            contract = ReduceMaxS8(is_max=self.function == "max", outer=outer, n=n, inner=inner, out_shape=shape)
            low.emit(contract, [x])
            return
        fixed = multiplier(xq.scale / (yq.scale * (n if self.function == "mean" else 1)))
        act_min, act_max = self.clamp.bounds(yq)
        sums = ReduceSumS8(
            mult=int(fixed.mult[0]), shift=fixed.shift, outer=outer, n=n, inner=inner, out_shape=shape,
            x_zero=xq.zero, y_zero=yq.zero, act_min=act_min, act_max=act_max,
        )  # fmt: skip
        low.emit(sums, [x])


def _middle(low: Lowering, x: Value, axes: tuple[int, ...]) -> tuple[Value, tuple[int, int, int]]:
    """`x` as [outer, n, inner] with the reduced axes in the middle; transposed first when they are apart."""
    wide = [a for a in axes if x.shape[a] > 1]
    if not wide:
        return x, (1, 1, x.size)
    first, last = wide[0], wide[-1]
    between = [a for a in range(first, last + 1) if x.shape[a] > 1 and a not in wide]
    if between:
        perm = (*[a for a in range(len(x.shape)) if a not in wide], *wide)
        if x.quant is None:
            raise Unsupported("reduction of a value without a scale")
        x = transposed(low, x, perm)
        return x, (int(np.prod(x.shape[: len(x.shape) - len(wide)])), int(np.prod(x.shape[len(x.shape) - len(wide) :])), 1)
    sizes = x.shape
    return x, (int(np.prod(sizes[:first])), int(np.prod(sizes[first : last + 1])), int(np.prod(sizes[last + 1 :])))


def transposed(low: Lowering, x: Value, perm: tuple[int, ...]) -> Value:
    """`x` with its axes permuted, as an intermediate of the lowering."""
    assert x.quant is not None
    (shape,) = Transpose(perm).output_shapes(x.shape)
    strides = row_major(x.shape)
    copy = Copy(shape, tuple(strides[a] for a in perm), row_major(shape))
    return low.temp(CopyS8(copies=(copy,), out_shape=shape), [x], shape, x.quant)
