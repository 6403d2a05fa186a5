"""What values each channel can take: interval arithmetic over the graph, from unbounded inputs.

A channel whose bounds meet is constant, at every position of it. Bounds are of real numbers; what ONNX Runtime
computes in float32 may differ from them by its rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgewright.ir import Node, Value
from edgewright.ops import Op
from edgewright.ops.activation import Clamp
from edgewright.ops.add import Add
from edgewright.ops.clip import Clip
from edgewright.ops.conv import Conv
from edgewright.ops.dense import Dense
from edgewright.ops.fused import FusedUnary
from edgewright.ops.layer_norm import LayerNorm
from edgewright.ops.min_max import MinMax
from edgewright.ops.mul import Mul
from edgewright.ops.pad import Pad
from edgewright.ops.pool import AveragePool, MaxPool
from edgewright.ops.reduce import Reduce
from edgewright.ops.resize import Resize
from edgewright.ops.softmax import Softmax
from edgewright.ops.unary import Unary
from edgewright.passes.channel_rules import MOVEMENTS, reads_scalar
from edgewright.passes.channel_trace import Channels, ChannelTrace, Read


@dataclass(frozen=True, eq=False)
class Bounds:
    """low <= x <= high for each channel of a value: float64 [channels]."""

    low: np.ndarray
    high: np.ndarray

    @property
    def constant(self) -> np.ndarray:
        """The constant of each channel; NaN where it has none."""
        return np.where((self.low == self.high) & np.isfinite(self.low), self.low, np.nan)

    def clamped(self, clamp: Clamp) -> Bounds:
        """The bounds after a clamp."""
        return Bounds(np.clip(self.low, clamp.low, clamp.high), np.clip(self.high, clamp.low, clamp.high))

    def including(self, value: float) -> Bounds:
        """The bounds when `value` stands beside the data, as padding does."""
        return Bounds(np.minimum(self.low, value), np.maximum(self.high, value))


def channel_bounds(trace: ChannelTrace) -> dict[Value, Bounds]:
    """Bounds of every value along the axis of its channels."""
    found: dict[Value, Bounds] = {}
    for value in trace.graph.inputs:
        found[value] = _within_scale(value, unbounded(len(trace.channels[value].labels)))
    for node in trace.graph.nodes:
        rule = next((rule for kind, rule in RULES.items() if isinstance(node.op, kind)), None)
        rule = None if reads_scalar(node) else rule
        outs = [trace.channels[value] for value in node.outputs]
        results = (
            [unbounded(len(out.labels)) for out in outs]
            if rule is None
            else [rule(node, _Operands(trace, node, found), outs[0])]
        )
        for value, bounds in zip(node.outputs, results, strict=True):
            clamp = getattr(node.op, "clamp", None)
            found[value] = _within_scale(value, bounds.clamped(clamp) if isinstance(clamp, Clamp) else bounds)
    return found


def _within_scale(value: Value, bounds: Bounds) -> Bounds:
    """`bounds` inside what the scale of the value can say, where it has one."""
    if value.quant is None or value.dtype != "float32":
        return bounds
    low, high = value.quant.dequantize(np.array([-128, 127])).astype(np.float64).tolist()
    return bounds.clamped(Clamp(low, high))


def unbounded(size: int) -> Bounds:
    """Bounds that say nothing of `size` channels."""
    return Bounds(np.full(size, -np.inf), np.full(size, np.inf))


def bounds_of_read(trace: ChannelTrace, read: Read, found: dict[Value, Bounds]) -> Bounds:
    """Bounds of what a layer reads; nothing is known when its input is cut along another axis."""
    x = read.node.operand(0)
    return found[x] if trace.channels[x].axis == read.axis else unbounded(len(read.labels))


class _Operands:
    """Bounds of the inputs of a node."""

    def __init__(self, trace: ChannelTrace, node: Node[Op], found: dict[Value, Bounds]) -> None:
        self.trace = trace
        self.node = node
        self.found = found

    def first(self, out: Channels) -> Bounds:
        """Of the first input, for each index of the axis that the output's channels have."""
        x = self.node.operand(0)
        if self.trace.channels[x].axis == out.axis:
            return self.found[x]
        if x.shape[out.axis] != len(out.labels):
            return unbounded(len(out.labels))
        return self.along(0, x.shape, out.axis)

    def along(self, index: int, shape: tuple[int, ...], axis: int) -> Bounds:
        """Of input `index`, which broadcasts to `shape`, for each index of `axis` there."""
        low, high = self.whole(index)
        other = tuple(a for a in range(len(shape)) if a != axis)
        wide = [
            np.broadcast_to(b, shape) if b.ndim < len(shape) or b.shape[axis] != shape[axis] else b for b in (low, high)
        ]
        return Bounds(wide[0].min(axis=other), wide[1].max(axis=other))

    def whole(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Of input `index`, for each element (a view): low and high."""
        value = self.node.operand(index)
        if value.data is not None:
            return value.data.astype(np.float64), value.data.astype(np.float64)
        along = [1] * len(value.shape)
        if along:
            along[self.trace.channels[value].axis] = -1
        bounds = self.found[value]
        return (
            np.broadcast_to(bounds.low.reshape(along), value.shape),
            np.broadcast_to(bounds.high.reshape(along), value.shape),
        )


# ---- rules: bounds of the output before its clamp ----


def _conv(node: Node[Conv], operands: _Operands, out: Channels) -> Bounds:
    op, w = node.op, node.operand(1).data
    assert w is not None
    x = operands.along(0, node.operand(0).shape, 1)
    x = x.including(0.0) if any(op.window.pads) else x
    groups, in_g = op.groups, w.shape[1]
    kernels = w.astype(np.float64).reshape(groups, w.shape[0] // groups, in_g, -1)
    return _biased(node, _weighted(kernels, x))


def _dense(node: Node[Op], operands: _Operands, out: Channels) -> Bounds:
    w, shape = node.operand(1).data, node.operand(0).shape
    assert w is not None
    x = operands.along(0, shape, len(shape) - 1)
    return _biased(node, _weighted(w.astype(np.float64)[None, :, :, None], x))


def _weighted(kernels: np.ndarray, x: Bounds) -> Bounds:
    """Bounds of sum(kernels * x): kernels [groups, out_g, in_g, taps], x [groups * in_g]; 0 * infinity is 0."""
    groups, _, in_g, _ = kernels.shape
    low, high = (b.reshape(groups, 1, in_g, 1) for b in (x.low, x.high))
    with np.errstate(invalid="ignore"):
        least = np.where(kernels > 0, kernels * low, np.where(kernels < 0, kernels * high, 0.0))
        most = np.where(kernels > 0, kernels * high, np.where(kernels < 0, kernels * low, 0.0))
    return Bounds(least.sum(axis=(2, 3)).reshape(-1), most.sum(axis=(2, 3)).reshape(-1))


def _biased(node: Node[Op], bounds: Bounds) -> Bounds:
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    if bias is None or bias.data is None:
        return bounds
    return Bounds(bounds.low + bias.data, bounds.high + bias.data)


def _first(node: Node[Op], operands: _Operands, out: Channels) -> Bounds:
    return operands.first(out)


def _function(node: Node[Op], operands: _Operands, out: Channels) -> Bounds:
    """The function of a constant, or of the 256 values that a scale has; nothing is known about others."""
    scale = node.operand(0).quant
    if scale is not None:
        (image,) = node.op.evaluate(scale.dequantize(np.arange(-128, 128)))
        least, most = (image.min(), image.max()) if np.all(np.isfinite(image)) else (-np.inf, np.inf)
        return Bounds(np.full(len(out.labels), float(least)), np.full(len(out.labels), float(most)))
    constant = operands.first(out).constant
    (y,) = node.op.evaluate(constant.astype(np.float32))
    known = np.isfinite(constant)
    y = y.reshape(constant.shape)  # the function may hold constants of one element and any rank
    return Bounds(np.where(known, y, -np.inf), np.where(known, y, np.inf))


def _add(node: Node[Add], operands: _Operands, out: Channels) -> Bounds:
    a, b = (operands.along(i, node.output.shape, out.axis) for i in (0, 1))
    return Bounds(a.low + b.low, a.high + b.high) if node.op.sign == 1 else Bounds(a.low - b.high, a.high - b.low)


def _mul(node: Node[Op], operands: _Operands, out: Channels) -> Bounds:
    a, b = (operands.along(i, node.output.shape, out.axis) for i in (0, 1))
    with np.errstate(invalid="ignore"):
        ends = np.nan_to_num(
            np.array([a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]),
            nan=0.0,
            posinf=np.inf,
            neginf=-np.inf,
        )
    return Bounds(ends.min(axis=0), ends.max(axis=0))


def _min_max(node: Node[MinMax], operands: _Operands, out: Channels) -> Bounds:
    a, b = (operands.along(i, node.output.shape, out.axis) for i in (0, 1))
    pick = np.maximum if node.op.is_max else np.minimum
    return Bounds(pick(a.low, b.low), pick(a.high, b.high))


def _average_pool(node: Node[AveragePool], operands: _Operands, out: Channels) -> Bounds:
    padded = node.op.count_include_pad and any(node.op.window.pads)
    return operands.first(out).including(0.0) if padded else operands.first(out)


def _reduce(node: Node[Reduce], operands: _Operands, out: Channels) -> Bounds:
    x = node.operand(0)
    low, high = operands.whole(0)
    axes = tuple(a for a in range(len(x.shape)) if a != out.axis)
    count = int(np.prod([x.shape[a] for a in node.op.axes])) if node.op.function == "sum" else 1
    if out.axis in node.op.axes:
        return Bounds(np.array([low.min() * count]), np.array([high.max() * count]))
    return Bounds(low.min(axis=axes) * count, high.max(axis=axes) * count)


def _pad(node: Node[Pad], operands: _Operands, out: Channels) -> Bounds:
    x = operands.along(0, node.operand(0).shape, out.axis)
    around = [n for axis, n in enumerate(np.add(node.op.before, node.op.after).tolist()) if axis != out.axis]
    if node.op.before[out.axis] or node.op.after[out.axis]:
        return unbounded(len(out.labels))
    return x.including(node.op.value) if any(around) else x


def _softmax(node: Node[Op], operands: _Operands, out: Channels) -> Bounds:
    return Bounds(np.zeros(len(out.labels)), np.ones(len(out.labels)))


def _layer_norm(node: Node[LayerNorm], operands: _Operands, out: Channels) -> Bounds:
    """Of n values with a variance of 1 none is more than sqrt(n - 1) from their mean."""
    count = int(np.prod(node.output.shape[-node.op.rank :]))
    gamma, beta = (
        v.data if v is not None and v.data is not None else np.zeros(1) for v in (*node.inputs[1:], None)[:2]
    )
    reach = np.sqrt(max(count - 1, 0)) * np.abs(gamma.astype(np.float64))
    size = len(out.labels)
    return Bounds(np.full(size, float((beta - reach).min())), np.full(size, float((beta + reach).max())))


def _movement(node: Node[Op], operands: _Operands, out: Channels) -> Bounds:
    moved = []
    for side in (0, 1):
        wholes = [None if v is None else operands.whole(i)[side] for i, v in enumerate(node.inputs)]
        moved.append(node.op.evaluate(*wholes)[0])
    other = tuple(a for a in range(moved[0].ndim) if a != out.axis)
    return Bounds(moved[0].min(axis=other), moved[1].max(axis=other))


BoundsRule = Callable[[Node[Any], _Operands, Channels], Bounds]

RULES: dict[type, BoundsRule] = {
    Conv: _conv,
    Dense: _dense,
    Clip: _first,
    Unary: _function,
    FusedUnary: _function,
    Add: _add,
    Mul: _mul,
    MinMax: _min_max,
    AveragePool: _average_pool,
    MaxPool: _first,
    Resize: _first,
    Reduce: _reduce,
    Softmax: _softmax,
    LayerNorm: _layer_norm,
    Pad: _pad,
    **dict.fromkeys(MOVEMENTS, _movement),
}
