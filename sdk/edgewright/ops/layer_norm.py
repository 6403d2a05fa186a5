"""LayerNormalization, and the normalisations of images that are built of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edgewright.contracts.norm import LayerNormS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.add import Add
from edgewright.ops.base import OnnxOperator, Op, Shape
from edgewright.ops.batch_norm import per_channel
from edgewright.ops.limits import limit, limit_of
from edgewright.ops.lowering import Lowering
from edgewright.ops.mul import Mul
from edgewright.ops.onnx_node import OnnxForm, OnnxNode, Unsupported
from edgewright.ops.reshape import Reshape


@dataclass(frozen=True)
class LayerNorm(Op):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta over the last `rank` axes.

    Inputs: x; gamma and beta (may be absent), constants of the shape of those axes.
    """

    onnx_types = ("LayerNormalization",)
    onnx_since = (("LayerNormalization", 17),)
    contracts = (LayerNormS8,)

    rank: int
    epsilon: float = 1e-5

    @limit
    @staticmethod
    def constant_parameters(node: OnnxNode) -> str | None:
        """constant scale and bias that broadcast to the normalised axes"""
        axes = node.input(0).shape[_axis(node) :]
        values = [node.input(k) for k in (1, 2) if k == 1 or node.has_input(k)]
        computed = [f"'{v.name}' is computed at run time" for v in values if v.data is None]
        other = [f"'{v.name}' of shape {list(v.shape)}" for v in values if np.broadcast_shapes(v.shape, axes) != axes]
        return next(iter(computed + other), None)

    @limit
    @staticmethod
    def length(node: OnnxNode) -> str | None:
        """up to 65,536 values in one mean"""
        n = math.prod(node.input(0).shape[_axis(node) :])
        return None if n <= 65_536 else f"{n:,} values"

    @limit
    @staticmethod
    def one_output(node: OnnxNode) -> str | None:
        """the normalised output only"""
        return "the Mean or InvStdDev output" if any(node.output_names[1:]) else None

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        x, axis = node.input(0), _axis(node)
        op = cls(len(x.shape) - axis, float(node.attribute("epsilon", 1e-5)))
        gamma = np.broadcast_to(node.constant(1, "scale"), x.shape[axis:])
        beta = np.broadcast_to(node.constant(2, "bias"), x.shape[axis:]) if node.has_input(2) else None
        inputs = [x, build.const(gamma.copy()), None if beta is None else build.const(beta.copy())]
        return [build.value(op, inputs, node.output_names[0])]

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("LayerNormalization", {"axis": -self.rank, "epsilon": self.epsilon})]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        assert inputs[0] is not None
        return [inputs[0]]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, gamma = inputs[:2]
        assert x is not None
        assert gamma is not None
        beta = inputs[2] if len(inputs) > 2 else None
        axes = tuple(range(x.ndim - self.rank, x.ndim))
        wide = x.astype(np.float64)
        centred = wide - wide.mean(axis=axes, keepdims=True)
        y = centred / np.sqrt((centred**2).mean(axis=axes, keepdims=True) + self.epsilon) * gamma
        return [(y if beta is None else y + beta).astype(np.float32)]

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        kept = len(perm) - self.rank
        return self if perm[kept:] == tuple(range(kept, len(perm))) else None

    def lower(self, low: Lowering) -> None:
        x = low.input(0)
        n = math.prod(x.shape[len(x.shape) - self.rank :])
        gamma, yq = low.real(1).reshape(-1), low.out_quant()
        beta = low.real(2).reshape(-1) if low.has_input(2) else np.zeros(n)
        try:
            contract = LayerNormS8.from_scales(
                gamma, beta, self.epsilon, x_scale=low.quant(0).scale, y_scale=yq.scale, y_zero=yq.zero,
                out_shape=(x.size // n, n),
            )  # fmt: skip
        except ValueError as error:
            raise Unsupported(str(error)) from error
        low.emit(contract, [x])


class ImageNormalization(OnnxOperator):
    """InstanceNormalization and GroupNormalization: a LayerNorm of each group of channels, then one per channel."""

    onnx_types = ("InstanceNormalization", "GroupNormalization")
    onnx_since = (("GroupNormalization", 21),)

    @limit
    @staticmethod
    def constant_parameters(node: OnnxNode) -> str | None:
        """constant scale and bias of one number per channel"""
        channels = node.input(0).shape[1]
        values = (node.input(1), node.input(2))
        return None if all(v.data is not None and v.shape == (channels,) for v in values) else "other scale or bias"

    @limit
    @staticmethod
    def length(node: OnnxNode) -> str | None:
        """up to 65,536 values in one mean"""
        shape = node.input(0).shape
        n = math.prod(shape[1:]) // node.attribute("num_groups", shape[1])
        return None if n <= 65_536 else f"{n:,} values"

    @limit_of("GroupNormalization")
    @staticmethod
    def newest(node: OnnxNode) -> str | None:
        """opset 21 and up, groups that divide the channels"""
        groups, channels = node.attribute("num_groups", 1), node.input(0).shape[1]
        return None if node.opset >= 21 and channels % groups == 0 else f"{groups} groups of {channels} channels"

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        """Source: ONNX InstanceNormalization, opset 22, and GroupNormalization, opset 21."""
        x = node.input(0)
        groups = node.attribute("num_groups", x.shape[1])
        rows = (x.shape[0], groups, x.size // (x.shape[0] * groups))
        gamma = build.const(np.ones(rows[-1], dtype=np.float32))
        norm = LayerNorm(1, float(node.attribute("epsilon", 1e-5)))
        flat = build.value(norm, [build.value(Reshape(rows), [x]), gamma])
        scale, bias = (per_channel(node.constant(k, "parameter"), x.shape, build) for k in (1, 2))
        scaled = build.value(Mul(), [build.value(Reshape(x.shape), [flat]), scale])
        return [build.value(Add(), [scaled, bias], node.output_names[0])]


def _axis(node: OnnxNode) -> int:
    return int(node.attribute("axis", -1)) % len(node.input(0).shape)
