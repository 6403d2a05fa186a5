"""Conv: 1-D and 2-D convolution, grouped, depthwise, strided, dilated, any padding."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edgewright.contracts.conv import ConvS8, DepthwiseS8
from edgewright.contracts.dense import FcS8
from edgewright.ir import Quant, Value
from edgewright.ir.builder import Builder
from edgewright.numerics import LinearLayer, quantize_linear
from edgewright.ops.activation import NO_CLAMP, Clamp
from edgewright.ops.base import Op, Shape
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.spatial import as_2d, back_to_1d, batch, image, run_channels_last, shaped, sizes, spatial_rank
from edgewright.ops.window import Window, import_window, window_attributes, window_problem

Image = tuple[int, int, int]


def bias_problem(node: OnnxNode, channels: int) -> str | None:
    """What is wrong with the bias of a layer of so many output channels; None when it fits or is absent."""
    shape = node.input(2).shape if node.has_input(2) else (channels,)
    return None if shape == (channels,) else f"bias {list(shape)} for {channels} output channels"


@dataclass(frozen=True)
class Conv(Op):
    """y = clamp(conv(x, w) + b). Inputs: x; w [out_c, in_c / groups, k_h, k_w]; b [out_c] or absent.

    x is [1, c, h, w], or [1, h, w, c] when channels_last; the weights keep their ONNX order.
    """

    onnx_types = ("Conv",)
    contracts = (ConvS8, DepthwiseS8, FcS8)
    spatial_rank = spatial_rank
    batch = batch

    window: Window
    groups: int = 1
    clamp: Clamp = NO_CLAMP
    channels_last: bool = False

    @limit
    @staticmethod
    def constant_weights(node: OnnxNode) -> str | None:
        """constant weights and bias"""
        names = ["weights", "bias"]
        computed = [n for n, i in zip(names, (1, 2), strict=True) if node.has_input(i) and node.input(i).data is None]
        return f"{' and '.join(computed)} computed at run time" if computed else None

    @limit
    @staticmethod
    def matching_channels(node: OnnxNode) -> str | None:
        """weights of the input's rank that fit its channels and the groups, one bias per output channel"""
        x, w, groups = node.input(0).shape, node.input(1).shape, node.attribute("group", 1)
        if len(w) == len(x) and groups > 0 and x[1] == w[1] * groups and w[0] % groups == 0:
            return bias_problem(node, w[0])
        return f"input {list(x)} with weights {list(w)} and {groups} groups"

    @limit
    @staticmethod
    def fitting_window(node: OnnxNode) -> str | None:
        """windows that fit the input, strides and dilations up to 255, no negative pads, sizes up to 65,535"""
        return window_problem(node, node.input(1).shape[2:])

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        x, w = node.input(0), node.input(1)
        window = import_window(node, x.shape[2:], w.shape[2:])
        op = cls(window, node.attribute("group", 1))
        bias = node.input(2) if node.has_input(2) else None
        if len(x.shape) == 4:
            return [build.value(op, [x, w, bias], node.output_names[0])]
        y = build.value(op, [as_2d(x, build), wide_weights(w, build), bias])
        return [back_to_1d(y, build, node.output_names[0])]

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("Conv", {**window_attributes(self.window), "group": self.groups}), *self.clamp.to_onnx()]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        x, w = inputs[:2]
        assert x is not None
        assert w is not None
        h, width, _ = sizes(x, self.channels_last)
        return [shaped(*self.window.out_size(h, width), w[0], self.channels_last)]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, w = inputs[0], inputs[1]
        assert x is not None
        assert w is not None
        bias = inputs[2] if len(inputs) > 2 else None

        def convolve(image: np.ndarray) -> np.ndarray:
            y = convolve_nhwc(image, w, self.window, self.groups)
            return self.clamp.apply(y if bias is None else y + bias)

        return [run_channels_last(convolve, x, self.channels_last)]

    def macs(self, inputs: list[Shape | None], output: Shape) -> int:
        w = inputs[1]
        assert w is not None
        h, width, _ = sizes(output, self.channels_last)
        return h * width * int(np.prod(w))

    def channels_last_form(self) -> Op | None:
        return None if self.channels_last else replace(self, channels_last=True)

    def lower(self, low: Lowering) -> None:
        x, xq, yq = low.input(0), low.quant(0), low.out_quant()
        weights = low.real(1)
        bias = low.real(2) if low.has_input(2) else np.zeros(len(weights))
        scales = low.node.operand(1).weight_scales
        layer = quantize_linear(weights, bias, xq.scale, xq.zero, yq.scale, scales=scales).without_shift()
        low.emit(self.contract(layer, image(x.shape), image(low.out().shape), xq.zero, yq), [x])

    def contract(
        self, layer: LinearLayer, in_shape: Image, out_shape: Image, x_zero: int, yq: Quant
    ) -> ConvS8 | DepthwiseS8 | FcS8:
        """The cheapest contract of this convolution."""
        in_h, in_w, in_c = in_shape
        out_h, out_w, out_c = out_shape
        act_min, act_max = self.clamp.bounds(yq)
        if self.groups == in_c and self.groups > 1:
            taps = np.ascontiguousarray(layer.weights[:, 0].transpose(1, 2, 0))
            return DepthwiseS8(
                taps, layer.bias, layer.mult, layer.shift, self.window.contract(), in_shape, out_shape, x_zero,
                yq.zero, act_min, act_max,
            )  # fmt: skip
        ohwi = np.ascontiguousarray(layer.weights.transpose(0, 2, 3, 1))
        covers_all = (in_h, in_w) == self.window.kernel and (out_h, out_w) == (1, 1) and not any(self.window.pads)
        if covers_all and self.groups == 1:
            return FcS8(
                ohwi.reshape(out_c, -1), layer.bias, layer.mult, layer.shift, rows=1, out_shape=(1, 1, 1, out_c),
                y_zero=yq.zero, act_min=act_min, act_max=act_max,
            )  # fmt: skip
        return ConvS8(
            ohwi, layer.bias, layer.mult, layer.shift, self.window.contract(), in_shape, out_shape, x_zero, yq.zero,
            act_min, act_max, self.groups,
        )  # fmt: skip


def wide_weights(w: Value, build: Builder) -> Value:
    """Constant weights [a, b, k] of a 1-D layer as [a, b, 1, k], with their own scales."""
    assert w.data is not None
    wide = build.const(np.expand_dims(w.data, 2), w.name)
    wide.weight_scales, wide.weight_axis = w.weight_scales, w.weight_axis
    return wide


def convolve_nhwc(x: np.ndarray, w: np.ndarray, window: Window, groups: int) -> np.ndarray:
    """Float convolution of x [n, h, w, c] with w [out_c, in_c / groups, k_h, k_w]; [n, out_h, out_w, out_c]."""
    out = window.out_size(x.shape[1], x.shape[2])
    taps = window.taps(x, out, 0.0)
    out_c, in_g = w.shape[:2]
    kernels = w.reshape(out_c, in_g, -1)
    if in_g == 1:
        repeat = out_c // groups
        total = np.zeros((x.shape[0], *out, out_c), dtype=x.dtype)
        for k, tap in enumerate(taps):
            total += np.repeat(tap, repeat, axis=-1) * kernels[:, 0, k]
        return total
    parts = []
    for g in range(groups):
        columns = np.concatenate([tap[..., g * in_g : (g + 1) * in_g] for tap in taps], axis=-1)
        rows = kernels[g * (out_c // groups) : (g + 1) * (out_c // groups)]
        parts.append(columns @ rows.transpose(0, 2, 1).reshape(len(rows), -1).T)
    return parts[0] if groups == 1 else np.concatenate(parts, axis=-1)
