"""How far the output of a sliding window may run over its own input."""

from collections.abc import Iterable

import numpy as np

from edgewright.contracts.conv import Window


def overlap_bytes(
    window: Window,
    in_shape: tuple[int, int, int],
    out_shape: tuple[int, int, int],
    steps: Iterable[tuple[int, int]],
    *,
    copied: bool,
) -> int:
    """The smallest distance of y before x at which no input is overwritten before it is read; 0 or more.

    steps: positions (row-major) that the body computes together, [first, last), in order. copied: whether
    a step has read all its input before it writes; otherwise it may write before its last read.
    """
    lowest = lowest_reads(window, in_shape, out_shape)
    order = list(steps)
    reads = np.array([lowest[first:last].min() for first, last in order])
    writes = np.maximum.accumulate([last * out_shape[2] for _, last in order])
    still_read = np.minimum.accumulate(reads[::-1])[::-1]
    if copied:
        still_read = np.append(still_read[1:], np.inf)
    return int((writes - still_read).max(initial=0))


def lowest_reads(window: Window, in_shape: tuple[int, int, int], out_shape: tuple[int, int, int]) -> np.ndarray:
    """The first input element that each position reads, float64 [out_h * out_w]; infinity where it reads none."""
    (in_h, in_w, in_c), (out_h, out_w, _) = in_shape, out_shape
    rows = first_inside(out_h, in_h, window.stride[0], window.dilation[0], window.kernel[0], window.pad[0])
    cols = first_inside(out_w, in_w, window.stride[1], window.dilation[1], window.kernel[1], window.pad[1])
    lowest: np.ndarray = ((rows[:, None] * in_w + cols) * in_c).reshape(-1)
    return lowest


def first_inside(out: int, size: int, stride: int, dilation: int, kernel: int, pad: int) -> np.ndarray:
    """The first input index that each output index reads along one axis; infinity where it reads none."""
    taps = np.arange(out)[:, None] * stride - pad + np.arange(kernel) * dilation
    inside: np.ndarray = np.where((taps >= 0) & (taps < size), taps, np.inf).min(axis=1)
    return inside


def stepped(positions: int, step: int) -> list[tuple[int, int]]:
    """All positions, `step` at a time."""
    return [(first, min(first + step, positions)) for first in range(0, positions, step)]


def row_pairs(out_shape: tuple[int, int, int]) -> list[tuple[int, int]]:
    """All positions, two at a time within each row."""
    rows, width = out_shape[:2]
    return [(r * width + q, r * width + min(q + 2, width)) for r in range(rows) for q in range(0, width, 2)]


def row_groups(out_shape: tuple[int, int, int], rows: int) -> list[tuple[int, int]]:
    """All positions, `rows` rows of outputs at a time."""
    height, width = out_shape[:2]
    return [(first * width, last * width) for first, last in stepped(height, rows)]
