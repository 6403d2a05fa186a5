"""What each float operation computes in PyTorch: one function per operation, on a batch of samples.

A value of shape [1, ...] is a tensor [n, ...] of n samples here; constants keep their shapes and broadcast. A function
leaves out the clamp of its operation, which the graph applies to all of them alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from edgewright.ir import Node
from edgewright.ops import Op
from edgewright.ops.add import Add
from edgewright.ops.clip import Clip
from edgewright.ops.concat import Concat
from edgewright.ops.conv import Conv
from edgewright.ops.dense import Dense
from edgewright.ops.fused import FusedUnary
from edgewright.ops.min_max import MinMax
from edgewright.ops.mul import Mul
from edgewright.ops.pad import Pad
from edgewright.ops.pool import AveragePool, MaxPool
from edgewright.ops.prelu import PRelu
from edgewright.ops.reduce import Reduce
from edgewright.ops.reshape import Reshape
from edgewright.ops.slice import Slice
from edgewright.ops.softmax import LogSoftmax, Softmax
from edgewright.ops.transpose import Transpose
from edgewright.ops.unary import Unary
from edgewright.ops.window import Window
from edgewright.train.unary import UNARY

#: The result of a node for its operands, None for an absent one.
Function = Callable[[Any, Sequence[Tensor]], Tensor]


def padded(x: Tensor, window: Window, out: tuple[int, int], fill: float) -> Tensor:
    """x [n, c, h, w] with its padding, exactly as large as `out` windows reach: what lies behind them is cut."""
    need = [(o - 1) * s + e for o, s, e in zip(out, window.stride, window.extent, strict=True)]
    top, left = window.pads[:2]
    bottom, right = need[0] - top - x.shape[2], need[1] - left - x.shape[3]
    if not any((top, left, bottom, right)):
        return x
    return functional.pad(x, (left, right, top, bottom), value=fill)


def conv(op: Conv, inputs: Sequence[Tensor]) -> Tensor:
    """Source: ONNX Conv, opset 11."""
    x, w, *bias = inputs
    window = op.window
    x = padded(x, window, window.out_size(x.shape[2], x.shape[3]), 0.0)
    return functional.conv2d(x, w, bias[0] if bias else None, window.stride, 0, window.dilation, op.groups)


def dense(op: Dense, inputs: Sequence[Tensor]) -> Tensor:
    """x w^T + b over the last axis."""
    x, w, *bias = inputs
    return functional.linear(x, w, bias[0] if bias else None)


def window_sums(op: AveragePool, x: Tensor) -> Tensor:
    """The sum of each window of x [n, c, h, w], padding counting as 0."""
    window, out = op.window, op.window.out_size(x.shape[2], x.shape[3], op.ceil)
    wide = padded(x, window, out, 0.0)
    if window.dilation == (1, 1):
        return functional.avg_pool2d(wide, window.kernel, window.stride, divisor_override=1)
    (dh, dw), (sh, sw), extent = window.dilation, window.stride, window.extent
    rows = [slice(i * dh, wide.shape[2] - extent[0] + 1 + i * dh, sh) for i in range(window.kernel[0])]
    columns = [slice(j * dw, wide.shape[3] - extent[1] + 1 + j * dw, sw) for j in range(window.kernel[1])]
    return torch.stack([wide[:, :, r, c] for r in rows for c in columns]).sum(0)


def average_pool(op: AveragePool, inputs: Sequence[Tensor]) -> Tensor:
    """Source: ONNX AveragePool, opset 19."""
    (x,) = inputs
    counts = torch.as_tensor(op.counts(x.shape[2], x.shape[3]), dtype=x.dtype)
    return window_sums(op, x) / counts


def max_pool(op: MaxPool, inputs: Sequence[Tensor]) -> Tensor:
    """Source: ONNX MaxPool, opset 12."""
    (x,) = inputs
    window = op.window
    wide = padded(x, window, window.out_size(x.shape[2], x.shape[3], op.ceil), -math.inf)
    return functional.max_pool2d(wide, window.kernel, window.stride, 0, window.dilation)


def softmax(op: Softmax, inputs: Sequence[Tensor]) -> Tensor:
    """Source: ONNX Softmax; over all axes from the first one on where the model is older than opset 13."""
    (x,) = inputs
    return torch.softmax(x.flatten(op.axis), op.axis).reshape(x.shape) if op.flat else torch.softmax(x, op.axis)


def log_softmax(op: LogSoftmax, inputs: Sequence[Tensor]) -> Tensor:
    """The logarithm of `softmax`."""
    (x,) = inputs
    if op.flat:
        return torch.log_softmax(x.flatten(op.axis), op.axis).reshape(x.shape)
    return torch.log_softmax(x, op.axis)


def reduce(op: Reduce, inputs: Sequence[Tensor]) -> Tensor:
    """mean, sum, max or min over axes, which stay with size 1."""
    (x,) = inputs
    functions = {"mean": torch.mean, "sum": torch.sum, "max": torch.amax, "min": torch.amin}
    return functions[op.function](x, dim=op.axes, keepdim=True) if op.axes else x


def sliced(op: Slice, inputs: Sequence[Tensor]) -> Tensor:
    """Along every axis but that of the samples, the elements that are asked for."""
    (x,) = inputs
    for axis, (start, step, n) in enumerate(zip(op.starts, op.steps, op.counts, strict=True)):
        if axis > 0 and (start, step, n) != (0, 1, x.shape[axis]):
            x = x.index_select(axis, start + step * torch.arange(n))
    return x


def pad(op: Pad, inputs: Sequence[Tensor]) -> Tensor:
    """`value` around x."""
    (x,) = inputs
    sides = [side for pair in zip(reversed(op.before), reversed(op.after), strict=True) for side in pair]
    return functional.pad(x, sides[:-2], value=op.value)


def unary(op: Unary, inputs: Sequence[Tensor]) -> Tensor:
    """A function of one value."""
    (x,) = inputs
    return UNARY[op.function](x, **dict(op.attributes))


def fused(op: FusedUnary, inputs: Sequence[Tensor]) -> Tensor:
    """A tree of functions of one value."""
    known = {op.body.inputs[0]: inputs[0]}
    for node in op.body.nodes:
        operands = [known[v] if v.data is None else torch.tensor(v.data) for v in node.inputs if v is not None]
        known[node.output] = float_result(node, operands)
    return known[op.body.outputs[0]]


#: Operation -> what computes it. The first two have weights, which are what is trained.
FLOAT: dict[type[Op], Function] = {
    Conv: conv,
    Dense: dense,
    Add: lambda op, inputs: inputs[0] + inputs[1] if op.sign == 1 else inputs[0] - inputs[1],
    Mul: lambda op, inputs: inputs[0] * inputs[1],
    MinMax: lambda op, inputs: (torch.maximum if op.is_max else torch.minimum)(*inputs),
    Clip: lambda op, inputs: inputs[0],
    Unary: unary,
    FusedUnary: fused,
    PRelu: lambda op, inputs: torch.where(inputs[0] < 0, inputs[0] * inputs[1], inputs[0]),
    AveragePool: average_pool,
    MaxPool: max_pool,
    Reduce: reduce,
    Softmax: softmax,
    LogSoftmax: log_softmax,
    Reshape: lambda op, inputs: inputs[0].reshape(len(inputs[0]), *op.shape[1:]),
    Transpose: lambda op, inputs: inputs[0].permute(op.perm),
    Concat: lambda op, inputs: torch.cat(list(inputs), op.axis),
    Slice: sliced,
    Pad: pad,
}


def clamped(op: Op, y: Tensor) -> Tensor:
    """y under the clamp of `op`, if it has one."""
    clamp = getattr(op, "clamp", None)
    return y if clamp is None or clamp.is_identity else torch.clamp(y, clamp.low, clamp.high)


def float_result(node: Node[Op], operands: Sequence[Tensor]) -> Tensor:
    """The output of a node that `refusal` lets pass."""
    return clamped(node.op, FLOAT[type(node.op)](node.op, operands))


def refusal(node: Node[Op]) -> str | None:
    """Why a node cannot be trained through; None when it can."""
    op = node.op
    if type(op) not in FLOAT:
        return "cannot be trained through yet"
    if isinstance(op, FusedUnary):
        return next((reason for inner in op.body.nodes if (reason := _unknown(inner))), None)
    if isinstance(op, Unary):
        return _unknown(node)
    shapes = [v.shape for v in (*node.inputs, *node.outputs) if v is not None and not v.is_const]
    if any(not shape or shape[0] != 1 for shape in shapes) or _moves_samples(op):
        return "works across the first axis, which holds the samples while training"
    if any(v is not None and v.is_const for v in node.inputs) and isinstance(op, Concat):
        return "joins a constant"
    return None


def _unknown(node: Node[Op]) -> str | None:
    """Why a function of one value is refused."""
    if type(node.op) not in FLOAT:
        return f"{node.op.mnemonic} cannot be trained through yet"
    known = not isinstance(node.op, Unary) or node.op.function in UNARY
    return None if known else f"{node.op.mnemonic} cannot be trained through yet"


def _moves_samples(op: Op) -> bool:
    """Whether the first axis takes part in what `op` does."""
    match op:
        case Transpose():
            return op.perm[0] != 0
        case Concat() | Softmax() | LogSoftmax():
            return op.axis == 0
        case Reduce():
            return 0 in op.axes
        case Pad():
            return op.before[0] + op.after[0] > 0
        case _:
            return False
