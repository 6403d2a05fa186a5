"""Depthwise convolutions on Armv8.1-M with MVE (Cortex-M55, M85)."""

import math
from abc import abstractmethod
from typing import ClassVar

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import LARGEST_SIZE, DepthwiseS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import conv_fields
from edgewright.kernels.geometry.limits import shift_refusal
from edgewright.kernels.geometry.overlap import overlap_bytes, stepped
from edgewright.kernels.mve.gemm import halved

CELL_BYTES = 64
CELL_CHANNELS = 16
PATTERN_BYTES = 16
STRIP_SOURCES = ("mve/ew_depthwise_strips__mve.c", "mve/ew_depthwise_core__mve.S", "mve/ew_copy__mve.S")


class _Strips(Kernel[DepthwiseS8]):
    """Depthwise through strips of cells, `runtime_c/src/mve/ew_depthwise_core__mve.h`; one stride for both axes."""

    lane = np.int8
    stride: ClassVar[int] = 1

    def limits(self, contract: DepthwiseS8) -> str | None:
        window = contract.window
        if contract.shift:
            return shift_refusal(contract.shift)
        if any(s != self.stride and out > 1 for s, out in zip(window.stride, contract.out_shape[:2], strict=True)):
            return f"stride {window.stride}; supported: {self.stride}"
        if any(d != 1 and k > 1 for d, k in zip(window.dilation, window.kernel, strict=True)):
            return f"dilation {window.dilation}; supported: 1"
        if any(pad >= k for pad, k in zip(window.pad, window.kernel, strict=True)):
            return f"pad {window.pad}; supported: less than the kernel, {window.kernel}"
        along, across = self.y_steps(contract)
        furthest = max(7 * along, 3 * along + across)
        if furthest > LARGEST_SIZE:
            return f"outputs of a block {furthest:,} bytes apart; supported: {LARGEST_SIZE:,}"
        return self.window_refusal(contract)

    def y_steps(self, c: DepthwiseS8) -> tuple[int, int]:
        """Bytes from one output to the next along a strip, and across it."""
        row, pixel = c.out_shape[1] * c.out_shape[2], c.out_shape[2]
        return (row, pixel) if is_upright(c) else (pixel, row)

    def calls(self, contract: DepthwiseS8) -> list[KernelCall]:
        order = multiplier_order(contract)
        patterns = np.stack([self.pattern(contract, contract.weights[:, :, o]) for o in order])
        weights = np.concatenate([np.zeros(8, np.int8), patterns.reshape(-1)])
        bias_mult = np.stack([contract.bias[order], halved(contract.mult[order])], axis=1).astype(np.int32)
        fields = conv_fields(contract, Array(weights, 8), Array(bias_mult.reshape(-1), 8), 0)
        return [KernelCall(self.symbol, "ew_conv_s8_t", fields)]

    @abstractmethod
    def window_refusal(self, c: DepthwiseS8) -> str | None:
        """What this body cannot do about the window."""

    @abstractmethod
    def pattern(self, c: DepthwiseS8, w: np.ndarray) -> np.ndarray:
        """The int8 [16] pattern of one channel's weights [k_h, k_w]."""


class DepthwisePairsKernel(_Strips):
    """Kernels of at most 3 x 3: blocks of 2 x 2 outputs from patches of 4 x 4."""

    symbol = "ew_depthwise_pairs_s8__mve"
    sources = ("mve/ew_depthwise_pairs_s8__mve.c", *STRIP_SOURCES)

    def window_refusal(self, c: DepthwiseS8) -> str | None:
        return f"kernel {c.window.kernel}; supported: up to 3 x 3" if max(c.window.kernel) > 3 else None

    def pattern(self, c: DepthwiseS8, w: np.ndarray) -> np.ndarray:
        wide = np.zeros((4, 4), np.int8)
        wide[: w.shape[0], : w.shape[1]] = w
        return (wide if is_upright(c) else wide.T).reshape(-1)

    def scratch_bytes(self, contract: DepthwiseS8) -> int:
        along = max(contract.out_shape[:2])
        return CELL_CHANNELS + (4 * math.ceil(along / 4) + 2) * CELL_BYTES

    def overlap_bytes(self, contract: DepthwiseS8) -> int | None:
        return None if is_upright(contract) else rows_overlap(contract, 2, copied=False)

    def cost(self, contract: DepthwiseS8) -> float:
        along, across = max(contract.out_shape[:2]), min(contract.out_shape[:2])
        groups = math.ceil(contract.in_shape[2] / CELL_CHANNELS)
        rows = math.ceil(across / 2)
        cells = rows * (15 * along + 105)
        strips = across // 2 * strip_cost(math.ceil(along / 2), 1) + across % 2 * strip_cost(math.ceil(along / 4), 2)
        times = contract.out_shape[2] // contract.in_shape[2]
        return groups * cells + 51 * rows * times + contract.out_shape[2] * strips + 900


class DepthwiseLineKernel(_Strips):
    """Kernels of N x 1 and 1 x N up to 13: blocks of four outputs along the line."""

    symbol = "ew_depthwise_line_s8__mve"
    sources = ("mve/ew_depthwise_line_s8__mve.c", *STRIP_SOURCES)

    def window_refusal(self, c: DepthwiseS8) -> str | None:
        if min(c.window.kernel) > 1 or max(c.window.kernel) > 13:
            return f"kernel {c.window.kernel}; supported: up to 13 along one axis"
        lines, inside = line_axes(c)[1], c.in_shape[1] if is_line_upright(c) else c.in_shape[0]
        return f"{lines} lines; supported: those of the input, {inside}" if lines > inside else None

    def y_steps(self, c: DepthwiseS8) -> tuple[int, int]:
        return (c.out_shape[1] * c.out_shape[2] if is_line_upright(c) else c.out_shape[2], 0)

    def pattern(self, c: DepthwiseS8, w: np.ndarray) -> np.ndarray:
        line = np.zeros(PATTERN_BYTES, np.int8)
        line[: w.size] = w.reshape(-1)
        return line

    def scratch_bytes(self, contract: DepthwiseS8) -> int:
        return CELL_CHANNELS + (math.ceil(line_axes(contract)[0] / 4) + 3) * CELL_BYTES

    def cost(self, contract: DepthwiseS8) -> float:
        along, across = line_axes(contract)
        groups = math.ceil(contract.in_shape[2] / CELL_CHANNELS)
        cells = 14 * math.ceil((along + max(contract.window.kernel)) / 4) + 330
        return across * (groups * cells + contract.out_shape[2] * strip_cost(math.ceil(along / 4), 1)) + 200


class DepthwiseStride2Kernel(_Strips):
    """Kernels of at most 4 x 4 with stride 2: blocks of four outputs along a row."""

    symbol = "ew_depthwise_stride2_s8__mve"
    sources = ("mve/ew_depthwise_stride2_s8__mve.c", *STRIP_SOURCES)
    stride = 2

    def window_refusal(self, c: DepthwiseS8) -> str | None:
        return f"kernel {c.window.kernel}; supported: up to 4 x 4" if max(c.window.kernel) > 4 else None

    def y_steps(self, c: DepthwiseS8) -> tuple[int, int]:
        return c.out_shape[2], 0

    def pattern(self, c: DepthwiseS8, w: np.ndarray) -> np.ndarray:
        wide = np.zeros((4, 4), np.int8)
        wide[: w.shape[0], : w.shape[1]] = w
        return wide.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(-1)

    def scratch_bytes(self, contract: DepthwiseS8) -> int:
        return CELL_CHANNELS + (2 * (contract.out_shape[1] + 1) + 3) * CELL_BYTES

    def overlap_bytes(self, contract: DepthwiseS8) -> int | None:
        # with more channels every group goes through all rows
        return rows_overlap(contract, 1, copied=True) if contract.in_shape[2] <= CELL_CHANNELS else None

    def cost(self, contract: DepthwiseS8) -> float:
        out_h, out_w, out_c = contract.out_shape
        seen = 2 * np.arange(out_w + 1)[:, None] + [0, 1] - contract.window.pad[1]
        leaving = int(((seen < 0) | (seen >= contract.in_shape[1])).any(axis=1).sum())  # cells beside the others
        cells = (out_h + 1) * (16 * (out_w + 1) + 53 + 202 * leaving)
        return (
            math.ceil(contract.in_shape[2] / CELL_CHANNELS) * cells
            + out_h * out_c * strip_cost(-(-out_w // 4), 4)
            + 250
        )


def rows_overlap(c: DepthwiseS8, rows: int, *, copied: bool) -> int:
    """`Kernel.overlap_bytes` of a body that takes whole output rows, `rows` at a time."""
    out_h, out_w, _ = c.out_shape
    steps = [(first * out_w, last * out_w) for first, last in stepped(out_h, rows)]
    return overlap_bytes(c.window, c.in_shape, c.out_shape, steps, copied=copied)


def is_upright(c: DepthwiseS8) -> bool:
    """Whether strips run down the image; of a square one they do not, so that it is left in the order of its rows."""
    return c.out_shape[0] > c.out_shape[1]


def is_line_upright(c: DepthwiseS8) -> bool:
    """Whether the lines of an N x 1 or 1 x N kernel run down the image."""
    return c.window.kernel[0] > 1 or (c.window.kernel[1] == 1 and c.out_shape[0] >= c.out_shape[1])


def line_axes(c: DepthwiseS8) -> tuple[int, int]:
    """Outputs along the lines of an N x 1 or 1 x N kernel, and the number of lines."""
    h, w = c.out_shape[:2]
    return (h, w) if is_line_upright(c) else (w, h)


def multiplier_order(c: DepthwiseS8) -> np.ndarray:
    """Output channels in the order [multiplier][in_c]."""
    return np.arange(c.out_shape[2]).reshape(c.in_shape[2], -1).T.reshape(-1)


def strip_cost(blocks: int, patches: int) -> float:
    """Instructions of the core for one channel of a strip, counted in the emulator.

    patches: gathers of a block, 1, 2 or 4.
    """
    block = 6 + patches
    last = 2 * block + 8 if blocks % 2 == 0 else block + 6
    return (2 * block + 11) * ((blocks - 1) // 2) + last + 13 - (3 if patches == 4 else 0)
