"""BatchNormalization as a scale and an offset per channel, which passes fold into a layer."""

from __future__ import annotations

import numpy as np

from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.add import Add
from edgewright.ops.base import OnnxOperator
from edgewright.ops.limits import limit
from edgewright.ops.mul import Mul
from edgewright.ops.onnx_node import OnnxNode


class BatchNormalization(OnnxOperator):
    """x * scale / sqrt(variance + epsilon) + (bias - mean * that factor) along axis 1."""

    onnx_types = ("BatchNormalization",)

    @limit
    @staticmethod
    def inference(node: OnnxNode) -> str | None:
        """inference (training_mode 0; before opset 14 one output), with statistics per channel (spatial 1)"""
        if node.attribute("training_mode", 0):
            return "training_mode 1"
        if node.opset < 14 and any(node.output_names[1:]):  # what training_mode says since opset 14
            return "the statistics as outputs"
        return None if node.attribute("spatial", 1) else "spatial 0"

    @limit
    @staticmethod
    def constant_parameters(node: OnnxNode) -> str | None:
        """constant scale, bias, mean and variance of one number per channel"""
        x = node.input(0).shape
        for k in range(1, 5):
            value = node.input(k)
            if value.data is None:
                return f"'{value.name}' is computed at run time"
            if len(x) < 2 or value.shape != (x[1],):
                return f"'{value.name}' of shape {list(value.shape)} for input {list(x)}"
        return None

    @limit
    @staticmethod
    def positive_variance(node: OnnxNode) -> str | None:
        """a positive variance + epsilon"""
        variance = node.constant(4, "variance")
        least = float(variance.min()) + node.attribute("epsilon", 1e-5)
        return None if least > 0 else f"variance + epsilon of {least:g}"

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        """Source: ONNX BatchNormalization, opset 15."""
        x = node.input(0)
        gamma, beta, mean, variance = (node.constant(k, "parameter").astype(np.float64) for k in range(1, 5))
        factor = gamma / np.sqrt(variance + node.attribute("epsilon", 1e-5))
        scale, offset = (per_channel(v, x.shape, build) for v in (factor, beta - mean * factor))
        scaled = build.value(Mul(), [x, scale])
        return [build.value(Add(), [scaled, offset], node.output_names[0])]


def per_channel(values: np.ndarray, shape: tuple[int, ...], build: Builder) -> Value:
    """A constant [channels] that broadcasts along axis 1 of `shape`."""
    return build.const(values.astype(np.float32).reshape(-1, *[1] * (len(shape) - 2)))
