"""MatMul: with constant weights it is a fully connected layer, else a product of two activations."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edgewright.contracts.dense import FcS8, MatmulS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.numerics import multiplier
from edgewright.numerics.requantize import INT32_MAX
from edgewright.ops.activation import NO_CLAMP, Clamp
from edgewright.ops.base import Op, Shape
from edgewright.ops.dense import build_dense
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.reshape import Reshape


@dataclass(frozen=True)
class MatMul(Op):
    """y = clamp(a b) of two activations [..., rows, inner] and [..., inner, cols]."""

    onnx_types = ("MatMul",)
    contracts = (FcS8, MatmulS8)

    clamp: Clamp = NO_CLAMP

    @limit
    @staticmethod
    def matching(node: OnnxNode) -> str | None:
        """matrices that fit, in equal batches or one of them repeated"""
        a, b = _matrix_shapes(node.input(0).shape, node.input(1).shape)
        if min(len(a), len(b)) < 2 or a[-1] != b[-2]:
            return f"{list(node.input(0).shape)} times {list(node.input(1).shape)}"
        try:
            whole = math.prod(np.broadcast_shapes(a[:-2], b[:-2]))
        except ValueError:
            whole = -1
        fits = all(math.prod(lead) in (1, whole) for lead in (a[:-2], b[:-2]))
        return None if fits else f"batches {list(a[:-2])} times {list(b[:-2])}"

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        a, b = node.input(0), node.input(1)
        vectors = len(a.shape) == 1, len(b.shape) == 1
        lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        out_shape = (*lead, *([] if vectors[0] else [a.shape[-2]]), *([] if vectors[1] else [b.shape[-1]]))
        a, b = (_as_matrix(v, shape, build) for v, shape in zip((a, b), _matrix_shapes(a.shape, b.shape), strict=True))
        exact, name = not any(vectors), node.output_names[0]
        if b.data is not None and b.data.ndim == 2:
            y = build_dense(build, a, b, None, name if exact else None)
        else:
            y = build.value(cls(), [a, b], name if exact else None)
        return [y if exact else build.value(Reshape(out_shape), [y], name)]

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("MatMul"), *self.clamp.to_onnx()]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        a, b = inputs
        assert a is not None
        assert b is not None
        return [(*np.broadcast_shapes(a[:-2], b[:-2]), a[-2], b[-1])]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        a, b = inputs
        assert a is not None
        assert b is not None
        return [self.clamp.apply(np.matmul(a, b))]

    def macs(self, inputs: list[Shape | None], output: Shape) -> int:
        a = inputs[0]
        assert a is not None
        return int(np.prod(output)) * a[-1]

    def lower(self, low: Lowering) -> None:
        a, b, aq, bq, yq = low.input(0), low.input(1), low.quant(0), low.quant(1), low.out_quant()
        rows, inner, cols = a.shape[-2], a.shape[-1], b.shape[-1]
        batch = int(np.prod(low.out().shape[:-2]))
        if 255 * 255 * inner > INT32_MAX:
            raise OverflowError(f"a product over {inner:,} values does not fit int32; at most {INT32_MAX // 255**2:,}")
        fixed = multiplier(aq.scale * bq.scale / yq.scale)
        act_min, act_max = self.clamp.bounds(yq)
        contract = MatmulS8(
            batch=batch, rows=rows, inner=inner, cols=cols,
            a_stride=rows * inner if a.size > rows * inner else 0,
            b_stride=inner * cols if b.size > inner * cols else 0,
            mult=int(fixed.mult[0]), shift=fixed.shift, out_shape=low.out().shape,
            a_zero=aq.zero, b_zero=bq.zero, y_zero=yq.zero, act_min=act_min, act_max=act_max,
        )  # fmt: skip
        low.emit(contract, [a, b])


def _matrix_shapes(a: Shape, b: Shape) -> tuple[Shape, Shape]:
    """The shapes with a vector seen as a row (left) or a column (right)."""
    return (1, *a) if len(a) == 1 else a, (*b, 1) if len(b) == 1 else b


def _as_matrix(value: Value, shape: Shape, build: Builder) -> Value:
    if value.shape == shape:
        return value
    if value.data is None:
        return build.value(Reshape(shape), [value])
    return build.const(value.data.reshape(shape), value.name)
