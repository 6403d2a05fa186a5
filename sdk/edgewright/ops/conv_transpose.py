"""ConvTranspose: 1-D and 2-D."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from edgewright.contracts.conv import LARGEST_SIZE, ConvS8, ConvTransposeS8, DepthwiseS8
from edgewright.contracts.movement import Copy, CopyS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.numerics import quantize_linear
from edgewright.ops.activation import NO_CLAMP, Clamp
from edgewright.ops.base import Op, Shape
from edgewright.ops.conv import Conv, bias_problem, wide_weights
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering, quant_of
from edgewright.ops.onnx_node import OnnxForm, OnnxNode, Unsupported
from edgewright.ops.spatial import as_2d, back_to_1d, batch, image, run_channels_last, shaped, sizes, spatial_rank
from edgewright.ops.strided import row_major
from edgewright.ops.window import Window, import_window, window_attributes


@dataclass(frozen=True)
class ConvTranspose(Op):
    """The transposed convolution. Inputs: x; w [in_c, out_c / groups, k_h, k_w]; b [out_c] or absent.

    window.pads: what is cut from the full output; extra: what is added behind it (output_padding).
    """

    onnx_types = ("ConvTranspose",)
    contracts = (ConvTransposeS8, CopyS8, ConvS8, DepthwiseS8)
    spatial_rank = spatial_rank
    batch = batch
    constant_weights = Conv.constant_weights

    window: Window
    extra: tuple[int, int] = (0, 0)
    groups: int = 1
    clamp: Clamp = NO_CLAMP
    channels_last: bool = False

    @limit
    @staticmethod
    def matching_channels(node: OnnxNode) -> str | None:
        """weights of the input's rank that fit its channels and the groups, one bias per output channel"""
        x, w, groups = node.input(0).shape, node.input(1).shape, node.attribute("group", 1)
        if len(w) == len(x) and groups > 0 and x[1] == w[0] and w[0] % groups == 0:
            return bias_problem(node, w[1] * groups)
        return f"input {list(x)} with weights {list(w)} and {groups} groups"

    @limit
    @staticmethod
    def fitting_window(node: OnnxNode) -> str | None:
        """strides and dilations up to 255, no negative pads, an output of sizes 1 to 65,535"""
        x, w = node.input(0).shape, node.input(1).shape
        try:
            window, extra = _import_window(node, x[2:], w[2:])
        except Unsupported as reason:
            return str(reason)
        groups = node.attribute("group", 1)
        wide = [(*shape[:2], *(1, *shape[2:])[-2:]) for shape in (x, w)]
        (shape,) = ConvTranspose(window, extra, groups).output_shapes(*wide)
        beyond = groups > 1 and any(window.pads[k] >= window.extent[k] for k in (0, 1))
        return None if 1 <= min(shape) <= max(shape) <= LARGEST_SIZE and not beyond else f"an output of {list(shape)}"

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        x, w = node.input(0), node.input(1)
        window, extra = _import_window(node, x.shape[2:], w.shape[2:])
        op = cls(window, extra, node.attribute("group", 1))
        bias = node.input(2) if node.has_input(2) else None
        if len(x.shape) == 4:
            y, name = [x, w, bias], node.output_names[0]
        else:
            y, name = [as_2d(x, build), wide_weights(w, build), bias], None
        result = build.value(op, y, name)
        return [result if len(x.shape) == 4 else back_to_1d(result, build, node.output_names[0])]

    def to_onnx(self) -> list[OnnxForm]:
        attributes = {**window_attributes(self.window), "group": self.groups, "output_padding": list(self.extra)}
        return [OnnxForm("ConvTranspose", attributes), *self.clamp.to_onnx()]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        x, w = inputs[:2]
        assert x is not None
        assert w is not None
        in_size, pads = sizes(x, self.channels_last)[:2], self.window.pads
        h, width = (
            (n - 1) * self.window.stride[k] + self.window.extent[k] - pads[k] - pads[k + 2] + self.extra[k]
            for k, n in enumerate(in_size)
        )
        return [shaped(h, width, w[1] * self.groups, self.channels_last)]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, w = inputs[0], inputs[1]
        assert x is not None
        assert w is not None
        bias = inputs[2] if len(inputs) > 2 else None
        out_h, out_w, _ = sizes(self.output_shapes(x.shape, w.shape)[0], self.channels_last)

        def spread(x: np.ndarray) -> np.ndarray:
            y = self._full(x, w, out_h, out_w)[:, self.window.pads[0] :, self.window.pads[1] :][:, :out_h, :out_w]
            return self.clamp.apply(y if bias is None else y + bias)

        return [run_channels_last(spread, x, self.channels_last)]

    def _full(self, x: np.ndarray, w: np.ndarray, out_h: int, out_w: int) -> np.ndarray:
        """The output before anything is cut, [n, h, w, out_c] for x [n, h, w, in_c], at least [out_h, out_w] large."""
        (sh, sw), (dh, dw), extent = self.window.stride, self.window.dilation, self.window.extent
        _, h, width, in_c = x.shape
        need = (
            max((h - 1) * sh + extent[0], out_h + self.window.pads[0]),
            max((width - 1) * sw + extent[1], out_w + self.window.pads[1]),
        )
        full = np.zeros((len(x), *need, w.shape[1] * self.groups), dtype=x.dtype)
        in_g, out_g = in_c // self.groups, w.shape[1]
        for g in range(self.groups):
            part, kernel = x[..., g * in_g : (g + 1) * in_g], w[g * in_g : (g + 1) * in_g]
            for i in range(self.window.kernel[0]):
                for j in range(self.window.kernel[1]):
                    rows = slice(i * dh, i * dh + (h - 1) * sh + 1, sh)
                    cols = slice(j * dw, j * dw + (width - 1) * sw + 1, sw)
                    full[:, rows, cols, g * out_g : (g + 1) * out_g] += part @ kernel[:, :, i, j]
        return full

    def macs(self, inputs: list[Shape | None], output: Shape) -> int:
        x, w = inputs[:2]
        assert x is not None
        assert w is not None
        h, width, _ = sizes(x, self.channels_last)
        return h * width * math.prod(w)

    def channels_last_form(self) -> Op | None:
        return None if self.channels_last else replace(self, channels_last=True)

    def lower(self, low: Lowering) -> None:
        if self.groups > 1:
            self._lower_groups(low)
            return
        x, xq, yq = low.input(0), low.quant(0), low.out_quant()
        weights = low.real(1).transpose(1, 0, 2, 3)
        bias = low.real(2) if low.has_input(2) else np.zeros(len(weights))
        layer = quantize_linear(
            weights, bias, xq.scale, xq.zero, yq.scale, scales=low.node.operand(1).weight_scales, fold_zero=False
        )
        act_min, act_max = self.clamp.bounds(yq)
        contract = ConvTransposeS8(
            np.ascontiguousarray(layer.weights.transpose(0, 2, 3, 1)), layer.bias, layer.mult, layer.shift,
            self.window.contract(), image(x.shape), image(low.out().shape), xq.zero, yq.zero, act_min, act_max,
        )  # fmt: skip
        low.emit(contract, [x])

    def _lower_groups(self, low: Lowering) -> None:
        """x with zeros between its positions, then a convolution with the kernel turned around."""
        pads = [self.window.extent[k] - 1 - self.window.pads[k] for k in (0, 1)]
        x, xq, yq = self._stretched(low), low.quant(0), low.out_quant()
        grouped = low.real(1).reshape(self.groups, -1, *low.node.operand(1).shape[1:])
        weights = grouped.transpose(0, 2, 1, 3, 4).reshape(-1, *grouped.shape[1:2], *self.window.kernel)[
            ..., ::-1, ::-1
        ]
        bias = low.real(2) if low.has_input(2) else np.zeros(len(weights))
        scales = low.node.operand(1).weight_scales
        if scales is not None and scales.size > 1:
            scales = np.tile(scales, self.groups)
        layer = quantize_linear(weights, bias, xq.scale, xq.zero, yq.scale, scales=scales)
        window = Window(self.window.kernel, (1, 1), self.window.dilation, (pads[0], pads[1], 0, 0))
        conv = Conv(window, self.groups, self.clamp, channels_last=True)
        low.emit(conv.contract(layer, image(x.shape), image(low.out().shape), xq.zero, yq), [x])

    def _stretched(self, low: Lowering) -> Value:
        x, (sh, sw) = low.input(0), self.window.stride
        if (sh, sw) == (1, 1):
            return x
        h, width, channels = image(x.shape)
        shape = (1, (h - 1) * sh + 1, (width - 1) * sw + 1, channels)
        strides = row_major(shape)
        copy = Copy(x.shape, row_major(x.shape), (strides[0], strides[1] * sh, strides[2] * sw, 1))
        return low.temp(CopyS8((copy,), shape, quant_of(x).zero), [x], shape, quant_of(x))


def _import_window(node: OnnxNode, spatial: Shape, kernel: Shape) -> tuple[Window, tuple[int, int]]:
    """The window and output_padding. Source: ONNX ConvTranspose, opset 22: output_shape and SAME set the pads.

    Raises:
        Unsupported: as `import_window`.
    """
    bare = {name: v for name, v in node.attributes.items() if name not in ("auto_pad",)}
    window = import_window(replace(node, attributes=bare), spatial, kernel)
    extra = tuple(node.attribute("output_padding") or (0,) * len(spatial))
    extra = (0, *extra)[-2:]
    mode, wanted = node.text("auto_pad", "NOTSET"), node.attribute("output_shape")
    in_size, stride = (1, *spatial)[-2:], window.stride
    if mode.startswith("SAME") and not wanted:
        wanted = [n * s for n, s in zip(in_size, stride, strict=True)]
    if mode == "VALID":
        return replace(window, pads=(0, 0, 0, 0)), (extra[0], extra[1])
    if not wanted:
        return window, (extra[0], extra[1])
    wanted = [1, *wanted][-2:]
    cut = [(in_size[k] - 1) * stride[k] + extra[k] + window.extent[k] - wanted[k] for k in (0, 1)]
    extra = tuple(
        e + max(0, -n) for e, n in zip(extra, cut, strict=True)
    )  # what is asked beyond the windows is bias only
    cut = [max(0, n) for n in cut]
    half = [n // 2 for n in cut]
    rest = [n - n // 2 for n in cut]
    first, last = (half, rest) if mode == "SAME_UPPER" else (rest, half)
    return replace(window, pads=(first[0], first[1], last[0], last[1])), (extra[0], extra[1])
