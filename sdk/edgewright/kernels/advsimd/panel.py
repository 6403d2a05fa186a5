"""Input rows with their padding in scratch, the twin of `runtime_c/src/advsimd/ew_panel.h`."""

from dataclasses import replace
from typing import TypeVar

from edgewright.contracts.conv import ConvS8, DepthwiseS8, Window

Conv = TypeVar("Conv", ConvS8, DepthwiseS8)
PANEL_PIXELS, PANEL_ROWS = 48, 4


def along_rows(c: Conv) -> Conv:
    """A convolution over a single column as one over a single row: the same bytes, longer runs."""
    window, (in_h, in_w, in_c), (out_h, out_w, out_c) = c.window, c.in_shape, c.out_shape
    if in_w != 1 or out_w != 1 or window.kernel[1] != 1 or window.pad[1] != 0:
        return c
    turned = Window((1, window.kernel[0]), (1, window.stride[0]), (1, window.dilation[0]), (0, window.pad[0]))
    weights = c.weights.swapaxes(0, 1) if isinstance(c, DepthwiseS8) else c.weights.swapaxes(1, 2)
    return replace(c, window=turned, weights=weights, in_shape=(1, in_h, in_c), out_shape=(1, out_h, out_c))


def panel_width(c: ConvS8 | DepthwiseS8) -> int:
    """Columns that the windows of an output row read."""
    return c.window.reach(*c.out_shape[:2])[1]


def panel_rows(c: ConvS8 | DepthwiseS8) -> int:
    """Output rows that one panel serves."""
    rows = -(-PANEL_PIXELS // c.out_shape[1])
    return min(c.out_shape[0], max(PANEL_ROWS, rows + rows % 2))


def panel_row_bytes(c: ConvS8 | DepthwiseS8) -> int:
    """Bytes from one row of a panel to the next."""
    channels = c.out_shape[2] if isinstance(c, DepthwiseS8) else c.in_shape[2]
    return (panel_width(c) * channels + 31) // 16 * 16


def panel_cost(c: ConvS8 | DepthwiseS8, per_byte: float, per_repeat: float = 22.0) -> float:
    """Instructions to fill all panels, counted.

    per_byte: of copies. per_repeat: of an input byte, which a multiplier repeats one by one.
    """
    most, out_h = panel_rows(c), c.out_shape[0]
    rows = sum(c.window.reach(min(most, out_h - first), 1)[0] for first in range(0, out_h, most))
    repeat = c.out_shape[2] // c.in_shape[2] if isinstance(c, DepthwiseS8) else 1
    filled = rows * panel_row_bytes(c)
    return 130 * -(-out_h // most) + 15 * rows + (per_byte * filled if repeat == 1 else per_repeat * filled / repeat)


def panel_bytes(c: ConvS8 | DepthwiseS8) -> int:
    """Scratch of a panel."""
    height, _ = c.window.reach(panel_rows(c), c.out_shape[1])
    return height * panel_row_bytes(c)
