"""MaxPool and AveragePool."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace

import numpy as np

from edgewright.contracts.movement import CopyS8
from edgewright.contracts.pool import AvgPoolS8, MaxPoolS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.numerics import multiplier
from edgewright.ops.activation import NO_CLAMP, Clamp
from edgewright.ops.base import Op, ScaleRule, Shape
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode
from edgewright.ops.spatial import as_2d, back_to_1d, batch, image, run_channels_last, shaped, sizes, spatial_rank
from edgewright.ops.strided import padded
from edgewright.ops.window import Window, import_window, window_attributes, window_problem


@dataclass(frozen=True)
class Pool(Op):
    """What both pools share. x is [1, c, h, w], or [1, h, w, c] when channels_last."""

    window: Window
    ceil: bool = False
    channels_last: bool = False

    spatial_rank = spatial_rank
    batch = batch

    @limit
    @staticmethod
    def fitting_window(node: OnnxNode) -> str | None:
        """windows that reach the input, strides and dilations up to 255, no negative pads, sizes up to 65,535"""
        problem = window_problem(node)
        if problem is not None:
            return problem
        spatial = node.input(0).shape[2:]
        h, w = (1, *spatial)[-2:]
        window = import_window(node, spatial)
        rows, cols = covered(window, h, w, window.out_size(h, w, bool(node.attribute("ceil_mode", 0))))
        return "a window that sees padding only" if min(rows.min(), cols.min()) == 0 else None

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        x = node.input(0)
        op = cls.from_onnx(node)
        if len(x.shape) == 4:
            return [build.value(op, [x], node.output_names[0])]
        return [back_to_1d(build.value(op, [as_2d(x, build)]), build, node.output_names[0])]

    @classmethod
    @abstractmethod
    def from_onnx(cls, node: OnnxNode) -> Pool: ...

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


def covered(window: Window, h: int, w: int, out: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of an [h, w] input that each window sees, int64 [out_h] and [out_w]."""
    seen = []
    for axis, size in enumerate((h, w)):
        first = np.arange(out[axis])[:, None] * window.stride[axis] - window.pads[axis]
        at = first + np.arange(window.kernel[axis]) * window.dilation[axis]
        seen.append(np.sum((at >= 0) & (at < size), axis=1))
    return seen[0], seen[1]


@dataclass(frozen=True)
class MaxPool(Pool):
    """The largest value of each window; padding never wins."""

    onnx_types = ("MaxPool",)
    contracts = (MaxPoolS8,)
    scale_rule = ScaleRule.SAME

    @limit
    @staticmethod
    def no_indices(node: OnnxNode) -> str | None:
        """the values without the Indices output"""
        return "the Indices output" if len(node.output_names) > 1 and node.output_names[1] else None

    @classmethod
    def from_onnx(cls, node: OnnxNode) -> MaxPool:
        return cls(import_window(node, node.input(0).shape[2:]), bool(node.attribute("ceil_mode", 0)))

    def to_onnx(self) -> list[OnnxForm]:
        return [OnnxForm("MaxPool", {**window_attributes(self.window), "ceil_mode": int(self.ceil)})]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None

        def pool(x: np.ndarray) -> np.ndarray:
            out = self.window.out_size(x.shape[1], x.shape[2], self.ceil)
            y: np.ndarray = np.max(self.window.taps(x, out, -np.inf), axis=0)
            return y

        return [run_channels_last(pool, x, self.channels_last)]

    def lower(self, low: Lowering) -> None:
        x = low.input(0)
        low.emit_moved(MaxPoolS8(self.window.contract(), image(x.shape), image(low.out().shape)), x)


@dataclass(frozen=True)
class AveragePool(Pool):
    """The mean of each window; with count_include_pad the padding counts as zeros."""

    onnx_types = ("AveragePool",)
    contracts = (AvgPoolS8, CopyS8)

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
        return [
            OnnxForm("AveragePool", {**attributes, "count_include_pad": int(self.count_include_pad)}),
            *self.clamp.to_onnx(),
        ]

    def counts(self, h: int, w: int) -> np.ndarray:
        """Positions that divide the sum of each window, int64 [out_h, out_w].

        With count_include_pad these are input and padding, but not what ceil_mode adds behind it.
        """
        window, out = self.window, self.window.out_size(h, w, self.ceil)
        if self.count_include_pad:
            top, left, bottom, right = window.pads
            h, w, window = h + top + bottom, w + left + right, replace(window, pads=(0, 0, 0, 0))
        rows, cols = covered(window, h, w, out)
        return np.outer(rows, cols)

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None

        def pool(x: np.ndarray) -> np.ndarray:
            out = self.window.out_size(x.shape[1], x.shape[2], self.ceil)
            total = np.sum(self.window.taps(x, out, 0.0), axis=0)
            counts = self.counts(x.shape[1], x.shape[2])[None, :, :, None]
            return self.clamp.apply((total / counts).astype(np.float32))

        return [run_channels_last(pool, x, self.channels_last)]

    def lower(self, low: Lowering) -> None:
        x, xq, yq = low.input(0), low.quant(0), low.out_quant()
        counts = self.counts(x.shape[1], x.shape[2])
        first, last = int(counts.min()), int(counts.max())
        window = self.window
        if self.count_include_pad and first != last:  # the kernel counts what is inside, so the padding must be there
            x = padded(low, x, ((0, 0), window.pads[::2], window.pads[1::2], (0, 0)), xq.zero)
            window = replace(window, pads=(0, 0, 0, 0))
        fixed = multiplier(xq.scale / (yq.scale * np.arange(first, last + 1)))
        act_min, act_max = self.clamp.bounds(yq)
        contract = AvgPoolS8(
            mult=fixed.mult, shift=fixed.shift, count_min=first, mult_is_uniform=first == last,
            window=window.contract(), in_shape=image(x.shape), out_shape=image(low.out().shape), x_zero=xq.zero,
            y_zero=yq.zero, act_min=act_min, act_max=act_max,
        )  # fmt: skip
        low.emit(contract, [x])
