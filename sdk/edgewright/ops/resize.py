"""Resize and Upsample: nearest neighbour, linear, and cubic as products with matrices."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from edgewright.contracts.conv import LARGEST_SIZE
from edgewright.contracts.dense import FcS8
from edgewright.contracts.movement import CopyS8, GatherS8, ReshapeS8, ResizeLinearS8
from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.base import Op, ScaleRule, Shape
from edgewright.ops.dense import Dense
from edgewright.ops.gather import gathering
from edgewright.ops.limits import limit, limit_of
from edgewright.ops.lowering import Lowering, quant_of
from edgewright.ops.onnx_node import OnnxForm, OnnxNode, Unsupported
from edgewright.ops.reshape import Reshape
from edgewright.ops.resize_axis import ROUNDINGS, TRANSFORMATIONS, ResizedAxis
from edgewright.ops.spatial import TO_NCHW, TO_NHWC, as_2d, back_to_1d, image, run_channels_last, shaped, sizes
from edgewright.ops.strided import emit_read
from edgewright.ops.transpose import Transpose

#: A weight of 1 in the tables of `ew_resize_linear_s8`.
UNIT = 2048


@dataclass(frozen=True)
class Resize(Op):
    """Height and width resized. x is [1, c, h, w], or [1, h, w, c] when channels_last."""

    onnx_types = ("Resize", "Upsample")
    onnx_since = (("Resize", 10),)
    onnx_until = (("Upsample", 9),)
    contracts = (ResizeLinearS8, CopyS8, GatherS8, ReshapeS8, FcS8)
    scale_rule = ScaleRule.SAME

    rows: ResizedAxis
    cols: ResizedAxis
    is_linear: bool
    transformation: str
    rounding: str
    channels_last: bool = False

    @limit
    @staticmethod
    def known_sizes(node: OnnxNode) -> str | None:
        """scales or sizes that are known at compile time"""
        computed = [v.name for v in node.inputs[1:] if v is not None and v.data is None]
        return f"'{computed[0]}' is computed at run time" if computed else None

    @limit
    @staticmethod
    def spatial_axes(node: OnnxNode) -> str | None:
        """a batch of 1 and one or two resized axes: the spatial ones, channels second or last"""
        shape = node.input(0).shape
        try:
            changed = [k for k, axis in enumerate(_axes(node)) if not axis.is_identity]
        except Unsupported as reason:
            return str(reason)
        allowed = {3: [{2}], 4: [{2, 3}, {1, 2}]}.get(len(shape), [])
        fits = shape[0] == 1 and any(axes.issuperset(changed) for axes in allowed)
        return None if fits else f"axes {changed} of {list(shape)} resized"

    @limit
    @staticmethod
    def known_mode(node: OnnxNode) -> str | None:
        """mode nearest, linear or cubic"""
        mode = node.text("mode", "nearest")
        return None if mode in ("nearest", "linear", "bilinear", "cubic") else f"mode '{mode}'"

    @limit_of("Resize")
    @staticmethod
    def known_coordinates(node: OnnxNode) -> str | None:
        """every coordinate transformation but tf_crop_and_resize"""
        name = node.text("coordinate_transformation_mode", "half_pixel")
        return None if name in TRANSFORMATIONS else f"coordinate_transformation_mode '{name}'"

    @limit_of("Resize")
    @staticmethod
    def known_rounding(node: OnnxNode) -> str | None:
        """no antialias where an axis shrinks"""
        rounding = node.text("nearest_mode", "round_prefer_floor")
        if rounding not in ROUNDINGS:
            return f"nearest_mode '{rounding}'"
        shrinks = node.attribute("antialias", 0) and any(axis.out < axis.size for axis in _axes(node))
        return "antialias where an axis shrinks" if shrinks else None

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        """Source: ONNX Resize, opset 19; Upsample and opset 10 are asymmetric and round down."""
        x, name, axes = node.input(0), node.output_names[0], _axes(node)
        old = node.op_type == "Upsample" or node.opset < 11
        is_linear = node.text("mode", "nearest") != "nearest"
        transformation = "asymmetric" if old else node.text("coordinate_transformation_mode", "half_pixel")
        rounding = "simple" if old else node.text("nearest_mode", "round_prefer_floor")
        if node.text("mode", "nearest") == "cubic":
            a, alone = float(node.attribute("cubic_coeff_a", -0.75)), bool(node.attribute("exclude_outside", 0))
            kernels = [None if axis.is_identity else axis.cubic(transformation, a, alone) for axis in axes]
            return [build_products(build, x, kernels, name)]
        if len(axes) == 3:
            op = cls(ResizedAxis(1, 1, 1.0), axes[2], is_linear, transformation, rounding)
            return [back_to_1d(build.value(op, [as_2d(x, build)]), build, name)]
        if axes[1].is_identity:
            return [build.value(cls(axes[2], axes[3], is_linear, transformation, rounding), [x], name)]
        op = cls(axes[1], axes[2], is_linear, transformation, rounding)
        turned = build.value(op, [build.value(Transpose(TO_NCHW), [x])])
        return [build.value(Transpose(TO_NHWC), [turned], name)]

    def to_onnx(self) -> list[OnnxForm]:
        attributes = {
            "mode": "linear" if self.is_linear else "nearest",
            "coordinate_transformation_mode": self.transformation,
            "nearest_mode": "floor" if self.rounding == "simple" else self.rounding,
        }
        scales = np.array([1, 1, *(axis.written_scale for axis in (self.rows, self.cols))], dtype=np.float32)
        return [OnnxForm("Resize", attributes, {2: scales})]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        (x,) = inputs
        assert x is not None
        return [shaped(self.rows.out, self.cols.out, sizes(x, self.channels_last)[2], self.channels_last)]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        return [run_channels_last(self._resized, x, self.channels_last)]

    def _resized(self, x: np.ndarray) -> np.ndarray:
        for axis, resized in ((1, self.rows), (2, self.cols)):
            if not self.is_linear:
                x = x.take(resized.nearest(self.transformation, self.rounding), axis=axis)
                continue
            index, weight = resized.linear(self.transformation)
            weight = weight.reshape(-1, *[1] * (3 - axis))
            second = x.take(np.minimum(index + 1, resized.size - 1), axis=axis)
            x = x.take(index, axis=axis) * (1 - weight) + second * weight
        return x.astype(np.float32)

    def channels_last_form(self) -> Op | None:
        return None if self.channels_last else replace(self, channels_last=True)

    def lower(self, low: Lowering) -> None:
        x = low.input(0)
        if not self.is_linear:
            self._lower_nearest(low, x)
            return
        (rows, row_weights), (cols, col_weights) = (self._table(axis) for axis in (self.rows, self.cols))
        in_shape, out_shape = image(x.shape), image(low.out().shape)
        low.emit_moved(ResizeLinearS8(rows, row_weights, cols, col_weights, in_shape, out_shape), x)

    def _table(self, axis: ResizedAxis) -> tuple[np.ndarray, np.ndarray]:
        """Index and weight of the next one, uint16 [out]; a full weight is the next index with a weight of 0."""
        index, weight = axis.linear(self.transformation)
        steps = np.rint(weight * UNIT).astype(np.int64)
        full = steps == UNIT
        return np.where(full, index + 1, index).astype(np.uint16), np.where(full, 0, steps).astype(np.uint16)

    def _lower_nearest(self, low: Lowering, x: Value) -> None:
        """One strided copy where both axes repeat or skip regularly, else a gather along each axis that changes."""
        h, w, c = image(x.shape)
        picked = [axis.nearest(self.transformation, self.rounding) for axis in (self.rows, self.cols)]
        regular = [regular_steps(indices) for indices in picked]
        if regular[0] is not None and regular[1] is not None:
            dims, strides, offset = [], [], 0
            for (start, count, step, repeat), stride in zip((regular[0], regular[1]), (w * c, c), strict=True):
                dims += [count, repeat]
                strides += [step * stride, 0]
                offset += start * stride
            emit_read(low, x, (*dims, c), (*strides, 1), offset)
            return
        rows = gathering(x.shape, 1, picked[0])
        if np.array_equal(picked[1], np.arange(w)):
            low.emit_moved(rows, x)
            return
        if not np.array_equal(picked[0], np.arange(h)):
            x = low.temp(rows, [x], rows.out_shape, quant_of(x))
        low.emit_moved(gathering(x.shape, 2, picked[1]), x)


def build_products(build: Builder, x: Value, kernels: list[np.ndarray | None], name: str) -> Value:
    """`x` multiplied along each axis by the matrix [out, size] that is given for it, one fully connected layer each."""
    for axis, kernel in enumerate(kernels):
        if kernel is not None:
            order = list(range(len(x.shape)))
            order[axis], order[-1] = order[-1], order[axis]
            turned = build.value(Transpose(tuple(order)), [x])
            x = build.value(Transpose(tuple(order)), [build.value(Dense(), [turned, build.const(kernel)])])
    return build.value(Reshape(x.shape), [x], name)


def regular_steps(indices: np.ndarray) -> tuple[int, int, int, int] | None:
    """(start, count, step, repeat) when indices are start, start + step, ..., each `repeat` times; else None."""
    values, repeats = np.unique(indices, return_counts=True)
    steps = np.diff(values)
    if np.any(np.diff(indices) < 0) or np.ptp(repeats) > 0 or (steps.size and np.ptp(steps) > 0):
        return None
    return int(values[0]), len(values), int(steps[0]) if steps.size else 1, int(repeats[0])


def _axes(node: OnnxNode) -> list[ResizedAxis]:
    """How every axis of the input is resized.

    Raises:
        Unsupported: neither scales nor sizes are given, or they do not fit the input.
    """
    shape = node.input(0).shape
    listed = node.attribute("axes") or range(len(shape))
    scales: np.ndarray = np.ones(0)
    if node.op_type == "Upsample" or node.opset < 11:
        scales = np.asarray(node.constant_or_attribute(1, "scales", ()), dtype=np.float32)
    elif node.has_input(2):
        scales = node.constant(2, "scales").astype(np.float32)
    wanted = node.integers(3, "") if node.has_input(3) else None
    if wanted is not None:
        wanted, ratios = _fitted(node, wanted, [shape[a] for a in listed])
    else:
        ratios = [float(v) for v in scales]
        exact = [float(np.float32(shape[a]) * np.float32(r)) for a, r in zip(listed, ratios, strict=False)]
        wanted = [math.floor(size) if np.isfinite(size) else 0 for size in exact]
    if len(wanted) != len(listed) or min(ratios) <= 0 or not 1 <= min(wanted) <= max(wanted) <= LARGEST_SIZE:
        raise Unsupported(f"scales {ratios} for input {list(shape)}")
    axes = [ResizedAxis(n, n, 1.0) for n in shape]
    for axis, out, ratio in zip(listed, wanted, ratios, strict=True):
        axes[axis] = ResizedAxis(shape[axis], out, ratio)
    return axes


def _fitted(node: OnnxNode, wanted: list[int], shape: list[int]) -> tuple[list[int], list[float]]:
    """Sizes and scales. Source: ONNX Resize, opset 18, keep_aspect_ratio_policy."""
    policy = node.text("keep_aspect_ratio_policy", "stretch")
    ratios = [float(np.float32(out) / np.float32(n)) for out, n in zip(wanted, shape, strict=True)]
    if policy == "stretch":
        return wanted, ratios
    ratio = min(ratios) if policy == "not_larger" else max(ratios)
    return [math.floor(ratio * n + 0.5) for n in shape], [ratio] * len(shape)
