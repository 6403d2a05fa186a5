"""Gemm: a fully connected layer, or a product of two activations and a sum."""

from __future__ import annotations

import numpy as np

from edgewright.contracts.dense import FcS8, MatmulS8
from edgewright.contracts.elementwise import AddS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.add import Add
from edgewright.ops.base import OnnxOperator
from edgewright.ops.dense import build_dense
from edgewright.ops.limits import limit
from edgewright.ops.matmul import MatMul
from edgewright.ops.mul import Mul
from edgewright.ops.onnx_node import OnnxNode
from edgewright.ops.transpose import Transpose


class Gemm(OnnxOperator):
    """alpha * A' * B' + beta * C. Source: ONNX Gemm, opset 13."""

    onnx_types = ("Gemm",)
    contracts = (FcS8, MatmulS8, AddS8)

    @limit
    @staticmethod
    def matrices(node: OnnxNode) -> str | None:
        """two matrices that fit each other, and a C that broadcasts to their product"""
        shapes = [list(node.input(k).shape) for k in range(3) if node.has_input(k)]
        a, b = shapes[:2]
        if len(a) == len(b) == 2:
            rows, inner = a[::-1] if node.attribute("transA", 0) else a
            other, cols = b[::-1] if node.attribute("transB", 0) else b
            if inner == other and (len(shapes) == 2 or _broadcasts(shapes[2], [rows, cols])):
                return None
        return f"shapes {', '.join(map(str, shapes))}"

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        name, turned = node.output_names[0], bool(node.attribute("transB", 0))
        a, b, c = node.input(0), node.input(1), node.input(2) if node.has_input(2) else None
        alpha, beta = float(node.attribute("alpha", 1.0)), float(node.attribute("beta", 1.0))
        if node.attribute("transA", 0):
            a = build.value(Transpose((1, 0)), [a])
        if b.data is not None:
            row = _row(c, beta, b.shape[0] if turned else b.shape[1])
            done = c is None or row is not None
            product = build_dense(build, a, _scaled_weights(b, alpha, build), row, name if done else None, turned)
        else:
            done = c is None and alpha == 1.0
            right = build.value(Transpose((1, 0)), [b]) if turned else b
            product = build.value(MatMul(), [a, right], name if done else None)
            if alpha != 1.0:
                product = _scaled(product, alpha, build, name if c is None else None)
        if done or c is None:
            return [product]
        return [build.value(Add(), [product, _scaled(c, beta, build)], name)]


def _row(c: Value | None, beta: float, features: int) -> np.ndarray | None:
    """beta * C as one number per feature [features]; None when it is not that, or not constant."""
    if c is None or c.data is None or c.size != max((1, *c.shape[-1:])) or c.size not in (1, features):
        return None
    return np.broadcast_to(c.data.reshape(-1) * beta, (features,))


def _broadcasts(shape: list[int], whole: list[int]) -> bool:
    return len(shape) <= 2 and all(n in (1, m) for n, m in zip(shape[::-1], whole[::-1], strict=False))


def _scaled(value: Value, factor: float, build: Builder, name: str | None = None) -> Value:
    if factor == 1.0:
        return value
    if value.data is not None:
        return build.const((value.data * factor).astype(np.float32), value.name)
    return build.value(Mul(), [value, build.const(np.array(factor, dtype=np.float32))], name)


def _scaled_weights(weights: Value, factor: float, build: Builder) -> Value:
    """Constant weights times a factor; their own scales grow with a positive one."""
    scaled = _scaled(weights, factor, build)
    if factor > 0 and scaled is not weights and weights.weight_scales is not None:
        scaled.weight_scales, scaled.weight_axis = weights.weight_scales * factor, weights.weight_axis
    return scaled
