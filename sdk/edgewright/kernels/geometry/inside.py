"""How many windows of a convolution lie inside the input: bodies handle the others one by one."""

from __future__ import annotations

import numpy as np

from edgewright.contracts.conv import Convolution


def inside_counts(c: Convolution) -> tuple[int, int]:
    """Rows and columns of outputs whose windows touch no padding."""
    w = c.window
    sizes = zip(c.in_shape[:2], c.out_shape[:2], w.kernel, w.stride, w.dilation, w.pad, strict=True)
    counts = []
    for size, out, kernel, stride, dilation, pad in sizes:
        first = np.arange(out) * stride - pad
        counts.append(int(((first >= 0) & (first + (kernel - 1) * dilation < size)).sum()))
    return counts[0], counts[1]


def edge_pixels(c: Convolution) -> int:
    """Output pixels whose window reaches into the padding."""
    rows, cols = inside_counts(c)
    return c.out_shape[0] * c.out_shape[1] - rows * cols


def found_pixels(c: Convolution) -> int:
    """Output pixels whose taps do not follow from those of the pixel before: it or that one touches padding."""
    rows, cols = inside_counts(c)
    return c.out_shape[0] * c.out_shape[1] - rows * max(0, cols - 1)
