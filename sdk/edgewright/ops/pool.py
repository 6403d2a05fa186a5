"""MaxPool and AveragePool."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edgewright.contracts.pool import AvgPoolS8, MaxPoolS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.numerics import multiplier
from edgewright.ops.activation import NO_CLAMP, Clamp
from edgewright.ops.base import Op, Shape
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode, Unsupported
from edgewright.ops.spatial import as_2d, back_to_1d, run_channels_last, shaped, sizes
from edgewright.ops.window import Window, import_window, window_attributes


@dataclass(frozen=True)
class Pool(Op):
    """What both pools share. x is [1, c, h, w], or [1, h, w, c] when channels_last."""

    window: Window
    ceil: bool = False
    channels_last: bool = False

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        x = node.input(0)
        if x.shape[0] != 1:
            raise Unsupported(f"batch {x.shape[0]}; supported: 1")
        if len(node.output_names) > 1 and node.output_names[1]:
            raise Unsupported("the Indices output; supported: the values only")
        op = cls.from_onnx(node)
        if len(x.shape) == 4:
            return [build.value(op, [x], node.output_names[0])]
        return [back_to_1d(build.value(op, [as_2d(x, build)]), build, node.output_names[0])]

    def out_size(self, x: Shape) -> tuple[int, int]:
        """Output height and width for an input of this shape."""
        h, w, _ = sizes(x, self.channels_last)
        return self.window.out_size(h, w, self.ceil)

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        (x,) = inputs
        assert x is not None
        return [shaped(*self.out_size(x), sizes(x, self.channels_last)[2], self.channels_last)]

    def channels_last_form(self) -> Op | None:
        return None if self.channels_last else replace(self, channels_last=True)


@dataclass(frozen=True)
class MaxPool(Pool):
    """The largest value of each window; padding never wins."""

    onnx_types = ("MaxPool",)
    scale_rule = "same"

    @classmethod
    def from_onnx(cls, node: OnnxNode) -> MaxPool:
        return cls(import_window(node, node.input(0).shape[2:]), bool(node.attribute("ceil_mode", 0)))

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("MaxPool", {**window_attributes(self.window), "ceil_mode": int(self.ceil)})]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None

        def pool(image: np.ndarray) -> np.ndarray:
            out = self.window.out_size(image.shape[1], image.shape[2], self.ceil)
            return np.max(self.window.taps(image, out, -np.inf), axis=0)

        return [run_channels_last(pool, x, self.channels_last)]

    def lower(self, low: Lowering) -> None:
        x = low.input(0)
        contract = MaxPoolS8(window=self.window.contract(), in_shape=x.shape[1:], out_shape=low.out().shape[1:])
        low.emit(contract, [x])


@dataclass(frozen=True)
class AveragePool(Pool):
    """The mean of each window; with count_include_pad the padding counts as zeros."""

    onnx_types = ("AveragePool",)

    count_include_pad: bool = False
    clamp: Clamp = NO_CLAMP

    @classmethod
    def from_onnx(cls, node: OnnxNode) -> AveragePool:
        return cls(
            import_window(node, node.input(0).shape[2:]),
            bool(node.attribute("ceil_mode", 0)),
            count_include_pad=bool(node.attribute("count_include_pad", 0)),
        )

    def to_onnx(self) -> list[OnnxForm]:
        attributes = {**window_attributes(self.window), "ceil_mode": int(self.ceil)}
        return [OnnxForm("AveragePool", {**attributes, "count_include_pad": int(self.count_include_pad)}), *self.clamp.to_onnx()]

    def counts(self, h: int, w: int) -> np.ndarray:
        """Positions that divide the sum of each window, int64 [out_h, out_w].

        With count_include_pad these are input and padding, but not what ceil_mode adds behind it.
        """
        out = self.window.out_size(h, w, self.ceil)
        ones = np.ones((1, h, w, 1))
        window = self.window
        if self.count_include_pad:
            top, left, bottom, right = window.pads
            ones = np.ones((1, h + top + bottom, w + left + right, 1))
            window = replace(window, pads=(0, 0, 0, 0))
        return np.sum(window.taps(ones, out, 0.0), axis=0)[0, :, :, 0].astype(np.int64)

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None

        def pool(image: np.ndarray) -> np.ndarray:
            out = self.window.out_size(image.shape[1], image.shape[2], self.ceil)
            total = np.sum(self.window.taps(image, out, 0.0), axis=0)
            counts = self.counts(image.shape[1], image.shape[2])[None, :, :, None]
            return self.clamp.apply((total / counts).astype(np.float32))

        return [run_channels_last(pool, x, self.channels_last)]

    def lower(self, low: Lowering) -> None:
        x, xq, yq = low.input(0), low.quant(0), low.out_quant()
        counts = self.counts(x.shape[1], x.shape[2])
        first, last = int(counts.min()), int(counts.max())
        uniform = first == last
        if self.count_include_pad and not uniform:
            raise Unsupported("count_include_pad with ceil_mode windows of different sizes")
        fixed = multiplier(xq.scale / (yq.scale * np.arange(first, last + 1)))
        act_min, act_max = self.clamp.bounds(yq)
        contract = AvgPoolS8(
            mult=fixed.mult, shift=fixed.shift, count_min=first, mult_is_uniform=uniform, window=self.window.contract(),
            in_shape=x.shape[1:], out_shape=low.out().shape[1:], x_zero=xq.zero, y_zero=yq.zero,
            act_min=act_min, act_max=act_max,
        )  # fmt: skip
        low.emit(contract, [x])
