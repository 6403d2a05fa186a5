"""What all operations on [n, c, h, w] share: running channels last, and 1-D data as 2-D."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgewright.ir import Value
from edgewright.ir.builder import Builder
from edgewright.ops.limits import limit
from edgewright.ops.onnx_node import OnnxNode
from edgewright.ops.reshape import Reshape

TO_NHWC = (0, 2, 3, 1)
TO_NCHW = (0, 3, 1, 2)


@limit
def batch(node: OnnxNode) -> str | None:
    """a batch of 1"""
    n = node.input(0).shape[0]
    return None if n == 1 else f"batch {n}"


@limit
def spatial_rank(node: OnnxNode) -> str | None:
    """1 or 2 spatial dimensions"""
    n = len(node.input(0).shape) - 2
    return None if n in (1, 2) else f"{n} spatial dimensions"


def image(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Height, width and channels of a [1, h, w, c] shape."""
    _, h, w, c = shape
    return h, w, c


def run_channels_last(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray, channels_last: bool) -> np.ndarray:
    """`function`, which works on [n, h, w, c], applied to x in either layout; the result in the same layout."""
    if channels_last:
        return function(x)
    return np.ascontiguousarray(function(x.transpose(TO_NHWC)).transpose(TO_NCHW))


def sizes(shape: tuple[int, ...], channels_last: bool) -> tuple[int, int, int]:
    """Height, width and channels of a 4-D shape in either layout."""
    n_h = 1 if channels_last else 2
    return shape[n_h], shape[n_h + 1], shape[3 if channels_last else 1]


def shaped(h: int, w: int, c: int, channels_last: bool, batch: int = 1) -> tuple[int, int, int, int]:
    """The 4-D shape with these sizes in either layout."""
    return (batch, h, w, c) if channels_last else (batch, c, h, w)


def as_2d(x: Value, build: Builder) -> Value:
    """A [n, c, l] value as [n, c, 1, l]; others unchanged."""
    if len(x.shape) != 3:
        return x
    n, c, length = x.shape
    return build.value(Reshape((n, c, 1, length)), [x])


def back_to_1d(y: Value, build: Builder, name: str) -> Value:
    """A [n, c, 1, l] value as [n, c, l]."""
    n, c, _, length = y.shape
    return build.value(Reshape((n, c, length)), [y], name)
