"""Convolutions on Armv8.1-M with MVE (Cortex-M55, M85): every one becomes a matrix product."""

import math
from abc import abstractmethod
from dataclasses import replace
from typing import ClassVar

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import ConvS8, Window
from edgewright.contracts.dense import FcS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import packed_call
from edgewright.kernels.geometry.inside import edge_pixels
from edgewright.kernels.geometry.limits import groups_refusal, shift_refusal, whole_refusal
from edgewright.kernels.geometry.overlap import overlap_bytes, stepped
from edgewright.kernels.mve.dense import FcKernel
from edgewright.kernels.mve.gemm import (
    FC_SOURCES,
    GEMM_SOURCES,
    STATIONARY_PIXELS,
    VECTOR_BYTES,
    copy_blocks_cost,
    gemm_cost,
    packed_gemm,
    tail_bytes,
    whole_vectors,
)
from edgewright.kernels.recast import RecastKernel

#: Scratch that a body may use to copy windows, unless two windows need more. Beyond it nothing gets faster.
WINDOW_BYTES = 2048


class ConvAsFcKernel(RecastKernel[ConvS8]):
    """A convolution with a single output pixel that sees the whole input: a fully connected layer."""

    symbol = "ew_fc_s8__mve"
    lane = np.int8
    sources = FC_SOURCES
    inner = FcKernel()

    def limits(self, contract: ConvS8) -> str | None:
        return groups_refusal(contract) or shift_refusal(contract.shift) or whole_refusal(contract)

    def recast(self, contract: ConvS8) -> FcS8:
        return as_fc(contract)


class _GemmConv(Kernel[ConvS8]):
    """A convolution through the matrix core: one group, no shift."""

    lane = np.int8

    def limits(self, contract: ConvS8) -> str | None:
        return groups_refusal(contract) or shift_refusal(contract.shift) or self.window_refusal(self.turned(contract))

    def calls(self, contract: ConvS8) -> list[KernelCall]:
        c = self.turned(contract)
        weights = packed_gemm(self.matrix(c), c.bias, c.mult)
        head = self.segment(c)
        if head is not None:
            words = np.array([head, 0], "<u4").tobytes()
            weights = Array(np.frombuffer(words + weights.data.tobytes(), np.int8), weights.align)
        return packed_call(self.symbol, c, weights)

    def turned(self, c: ConvS8) -> ConvS8:
        """The form of a one-dimensional convolution that this body prefers."""
        return c

    def matrix(self, c: ConvS8) -> np.ndarray:
        """Weights [out_c, depth] of a turned convolution in the order in which the window is read."""
        return c.weights.reshape(c.out_shape[2], -1)

    def segment(self, c: ConvS8) -> int | None:
        """Outputs whose windows are in scratch together; None when no window is copied."""
        return None

    @abstractmethod
    def window_refusal(self, c: ConvS8) -> str | None:
        """What this body cannot do about the window of a turned convolution."""


class ConvDirectKernel(_GemmConv):
    """Windows that are one run of bytes in the input: 1x1 of any stride, 1 x N, without padding."""

    symbol = "ew_conv_direct_s8__mve"
    sources = ("mve/ew_conv_direct_s8__mve.c", *GEMM_SOURCES)

    def turned(self, c: ConvS8) -> ConvS8:
        return transposed(c) if is_line(c, 1) else c

    def window_refusal(self, c: ConvS8) -> str | None:
        (k_h, k_w), reach = c.window.kernel, c.window.reach(*c.out_shape[:2])
        if not c.stays_inside:
            return f"windows over {reach}, pad {c.window.pad}; supported: inside the input, {c.in_shape[:2]}"
        if k_h > 1 or (k_w > 1 and c.window.dilation[1] > 1):
            return f"kernel {c.window.kernel}, dilation {c.window.dilation}; supported: one row without gaps"
        return None

    def scratch_bytes(self, contract: ConvS8) -> int:
        c = self.turned(contract)
        return tail_bytes(depth(c), c.in_shape[2] * c.window.stride[1])

    def overlap_bytes(self, contract: ConvS8) -> int | None:
        c = self.turned(contract)
        rows, row = one_row(c)
        step = STATIONARY_PIXELS if depth(c) <= VECTOR_BYTES else 2
        steps = [(r * row + first, r * row + last) for r in range(rows) for first, last in stepped(row, step)]
        return overlap_bytes(c.window, c.in_shape, c.out_shape, steps, copied=False)

    def cost(self, contract: ConvS8) -> float:
        c = self.turned(contract)
        rows, row = one_row(c)
        return rows * gemm_cost(row, depth(c), c.out_shape[2]) + 100


class ConvColumnsKernel(_GemmConv):
    """Any window without vertical dilation; windows of one output column share their copied rows."""

    symbol = "ew_conv_columns_s8__mve"
    sources: ClassVar[tuple[str, ...]] = ("mve/ew_conv_columns_s8__mve.c", "mve/ew_window__mve.c", *GEMM_SOURCES)

    def turned(self, c: ConvS8) -> ConvS8:
        return transposed(c) if is_line(c, 0) else c

    def window_refusal(self, c: ConvS8) -> str | None:
        gaps = c.window.kernel[0] > 1 and c.window.dilation[0] > 1
        return f"vertical dilation {c.window.dilation[0]}; supported: 1" if gaps else None

    def segment(self, c: ConvS8) -> int:
        step = c.window.stride[0] * c.window.kernel[1] * c.in_shape[2]
        return even_piece(c.out_shape[0], 1 + (WINDOW_BYTES - depth(c)) // step)

    def scratch_bytes(self, contract: ConvS8) -> int:
        c = self.turned(contract)
        step = c.window.stride[0] * c.window.kernel[1] * c.in_shape[2]
        return whole_vectors((self.segment(c) - 1) * step + whole_vectors(depth(c)))

    def overlap_bytes(self, contract: ConvS8) -> int | None:
        c = self.turned(contract)
        out_h, out_w, _ = c.out_shape
        steps = [(first * out_w, last * out_w) for first, last in stepped(out_h, self.segment(c))]
        return overlap_bytes(c.window, c.in_shape, c.out_shape, steps, copied=False)

    def cost(self, contract: ConvS8) -> float:
        c = self.turned(contract)
        out_h, out_w, out_c = c.out_shape
        pieces = math.ceil(out_h / self.segment(c))
        rows = ((out_h / pieces) - 1) * c.window.stride[0] + c.window.kernel[0]
        piece = window_cost(c, rows) + gemm_cost(math.ceil(out_h / pieces), depth(c), out_c)
        return out_w * (pieces * (piece + 50) + 20)


class ConvColumns16Kernel(ConvColumnsKernel):
    """3 x 3 over 16 channels with vertical stride 1, where neighbours share six of nine vectors."""

    symbol = "ew_conv_columns16_s8__mve"
    sources = (
        "mve/ew_conv_columns16_s8__mve.c",
        "mve/ew_gemm_core_shared__mve.S",
        "mve/ew_window__mve.c",
        *GEMM_SOURCES,
    )

    def window_refusal(self, c: ConvS8) -> str | None:
        shape = (c.window.kernel[0], c.window.kernel[1] * c.in_shape[2], c.window.stride[0], c.window.dilation[0])
        if c.out_shape[2] < 4:
            return f"{c.out_shape[2]} output channels; supported: 4 or more"
        if shape != (3, 3 * VECTOR_BYTES, 1, 1):
            return f"rows, bytes, stride, dilation {shape}; supported: 3, {3 * VECTOR_BYTES}, 1, 1"
        alone = c.out_shape[0] < 2 or c.out_shape[0] % self.segment(c) == 1
        return f"{c.out_shape[0]} rows in segments of {self.segment(c)}; supported: no single row" if alone else None

    def matrix(self, c: ConvS8) -> np.ndarray:
        vectors = c.weights.reshape(c.out_shape[2], 9, VECTOR_BYTES)
        return vectors[:, [0, 1, 2, 3, 4, 7, 5, 8, 6]].reshape(c.out_shape[2], -1)

    def cost(self, contract: ConvS8) -> float:
        pairs = math.ceil(contract.out_shape[0] / 2) * contract.out_shape[1]
        return super().cost(contract) - 9 * pairs * math.ceil(contract.out_shape[2] / 4)


class ConvWindowsKernel(_GemmConv):
    """Any window at all; each one is copied by itself."""

    symbol = "ew_conv_windows_s8__mve"
    sources = ("mve/ew_conv_windows_s8__mve.c", "mve/ew_window__mve.c", *GEMM_SOURCES)

    def window_refusal(self, c: ConvS8) -> str | None:
        return None

    def segment(self, c: ConvS8) -> int:
        return even_piece(c.out_shape[1], min(WINDOW_BYTES // depth(c), 16))

    def scratch_bytes(self, contract: ConvS8) -> int:
        return whole_vectors((self.segment(contract) - 1) * depth(contract) + whole_vectors(depth(contract)))

    def overlap_bytes(self, contract: ConvS8) -> int | None:
        out_h, out_w, _ = contract.out_shape
        pieces = stepped(out_w, self.segment(contract))
        steps = [(r * out_w + first, r * out_w + last) for r in range(out_h) for first, last in pieces]
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, steps, copied=True)

    def cost(self, contract: ConvS8) -> float:
        out_h, out_w, out_c = contract.out_shape
        pieces = math.ceil(out_w / self.segment(contract))
        copies = out_h * out_w * (window_cost(contract, contract.window.kernel[0]) - 25) + 46 * edge_pixels(contract)
        return copies + out_h * pieces * (gemm_cost(math.ceil(out_w / pieces), depth(contract), out_c) + 26)


def one_row(c: ConvS8) -> tuple[int, int]:
    """Rows and pixels per row of a direct convolution; an image whose rows follow each other is one row."""
    out_h, out_w, _ = c.out_shape
    return (1, out_h * out_w) if c.window.stride == (1, 1) and out_w == c.in_shape[1] else (out_h, out_w)


def depth(c: ConvS8) -> int:
    """Products of one output."""
    return int(c.weights[0].size)


def as_fc(c: ConvS8) -> FcS8:
    """The fully connected layer that equals a convolution whose window is the whole input."""
    weights = c.weights.reshape(c.out_shape[2], -1)
    return FcS8(weights, c.bias, c.mult, c.shift, 1, (1, *c.out_shape), c.y_zero, c.act_min, c.act_max)


def is_line(c: ConvS8, axis: int) -> bool:
    """Whether everything about a convolution has size 1 along a dimension (0 vertical, 1 horizontal)."""
    return c.in_shape[axis] == c.out_shape[axis] == c.window.kernel[axis] == 1 and c.window.pad[axis] == 0


def transposed(c: ConvS8) -> ConvS8:
    """A one-dimensional convolution with rows and columns exchanged: the same bytes."""
    w = c.window
    window = Window(w.kernel[::-1], w.stride[::-1], w.dilation[::-1], w.pad[::-1])
    return replace(
        c,
        weights=np.ascontiguousarray(c.weights.transpose(0, 2, 1, 3)),
        window=window,
        in_shape=(c.in_shape[1], c.in_shape[0], c.in_shape[2]),
        out_shape=(c.out_shape[1], c.out_shape[0], c.out_shape[2]),
    )


def even_piece(total: int, most: int) -> int:
    """The size of a piece when `total` is cut into as few as `most` allows: even, unless it is all of it.

    The last piece may be smaller.
    """
    if total <= max(most, 2):
        return total
    pieces = math.ceil(total / max(most & ~1, 2))
    return -(-math.ceil(total / pieces) // 2) * 2


def window_cost(c: ConvS8, rows: float) -> float:
    """Instructions to copy `rows` rows of a window."""
    k_w, in_c = c.window.kernel[1], c.in_shape[2]
    if c.window.dilation[1] == 1 or k_w == 1:
        return 120 + copy_blocks_cost(k_w * in_c, rows)
    return 120 + k_w * copy_blocks_cost(in_c, rows)


assert WINDOW_BYTES % VECTOR_BYTES == 0, "windows are copied in whole vectors"
