"""Pointwise convolutions and fully connected layers as matrix products with SDOT (Armv8.2 dot product).

The packing of `ew_gemm__sdot`: 16 bytes, of which the first one is 1 when `narrow_refusal` has nothing to say; then
blocks of outputs (`sdot_blocks`), each its bias, then for each four inputs those of its outputs one after the other,
then half of its mult. Any weight is accepted, -128 too.
"""

import math

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import ConvS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels.advsimd.dense import DenseKernel, PointwiseKernel
from edgewright.kernels.advsimd.packing import (
    OCTET,
    QUAD,
    READ_BYTES,
    as_bytes,
    block_outputs,
    gather_outputs,
)
from edgewright.kernels.geometry.overlap import overlap_bytes
from edgewright.kernels.sdot.output import narrow_refusal

GEMM_SOURCES = ("sdot/ew_gemm__sdot.c", "sdot/ew_gemm_core__sdot.S", "sdot/ew_gemm_short__sdot.S")
#: Up to so many inputs are one vector; then so many rows pass one block of outputs before they pass the next.
SHORT_K, SHORT_ROWS = 16, 32
LANES = 16


def octets_and_quads(out_c: int) -> list[np.ndarray]:
    """Outputs in blocks of eight, then one of four when four or fewer are left, the last block moved back.

    Fewer than eight outputs are blocks of four.
    """
    if out_c < OCTET:
        return list(block_outputs(out_c, QUAD))
    rest = out_c % OCTET
    if 0 < rest <= QUAD:
        return [*block_outputs(out_c - rest, OCTET), np.arange(out_c - QUAD, out_c)]
    return list(block_outputs(out_c, OCTET))


def sdot_blocks(out_c: int) -> list[np.ndarray]:
    """Outputs in blocks of 16 as long as more than eight are left, then of eight, then one of four when four or fewer
    are left, the last block moved back. Fewer than eight outputs are blocks of four.
    """
    sixteens = 0 if out_c < LANES else (out_c + 7) // LANES
    if out_c < LANES:
        return octets_and_quads(out_c)
    starts = np.minimum(np.arange(sixteens) * LANES, out_c - LANES)
    blocks = [start + np.arange(LANES) for start in starts]
    rest = out_c - sixteens * LANES
    width = QUAD if rest <= QUAD else OCTET
    return [*blocks, np.arange(out_c - width, out_c)] if rest > 0 else blocks


def pack_fours(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray, shift: int) -> Array:
    """weights int8 [out_c, k]; bias, mult int32 [out_c]."""
    fours = np.pad(weights, ((0, 0), (0, -weights.shape[1] % 4))).reshape(len(weights), -1, 4)
    header = np.zeros(LANES, np.int8)
    header[0] = narrow_refusal(weights, bias, mult, shift) is None
    parts: list[np.ndarray] = [header]
    for outputs in sdot_blocks(len(weights)):
        parts.append(as_bytes(gather_outputs(bias, outputs)))
        parts.append(gather_outputs(fours, outputs).swapaxes(0, 1).reshape(-1))
        parts.append(as_bytes(gather_outputs(mult // 2, outputs)))
    return Array(np.concatenate(parts), 16)


def row_steps(rows: int, x_bytes: int, x_pitch: int, k: int, blocks: int) -> list[tuple[int, int]]:
    """The rows that the product takes together when x ends behind x_bytes; those that are copied because a body would
    read behind x come last. Few inputs: a row at a time for one block of outputs, else `SHORT_ROWS`; more: fours, then
    ones.
    """
    row_bytes = -(-k // READ_BYTES) * READ_BYTES
    inside = rows
    while inside and (inside - 1) * x_pitch + row_bytes > x_bytes:
        inside -= 1
    together, rest = (4, 1) if k > SHORT_K else (1, 1) if blocks == 1 else (SHORT_ROWS, SHORT_ROWS)
    steps: list[tuple[int, int]] = []
    for first, last in ((0, inside), (inside, rows)):
        whole = first + (last - first) // together * together
        steps += [(row, row + together) for row in range(first, whole, together)]
        steps += [(row, min(row + rest, last)) for row in range(whole, last, rest)]
    return steps


def gemm_cost(rows: int, out_c: int, k: int) -> float:
    """Instructions of `ew_gemm__sdot`, within ten percent: 1.25 per sixteen products, 1.8 per output."""
    outputs = sum(len(block) for block in sdot_blocks(out_c))
    return 120 + rows * outputs * (1.25 * (-(-k // 4) / 4) + 1.8)


class FcKernel(DenseKernel):
    """Fully connected layer of any size."""

    symbol = "ew_fc_s8__sdot"
    sources = ("sdot/ew_fc_s8__sdot.c", *GEMM_SOURCES)

    def packed(self, contract: FcS8) -> Array:
        return pack_fours(contract.weights, contract.bias, contract.mult, contract.shift)

    def cost(self, contract: FcS8) -> float:
        return gemm_cost(contract.rows, *contract.weights.shape)


class Conv1x1Kernel(PointwiseKernel):
    """1x1 convolution of any stride, four pixels against sixteen outputs."""

    symbol = "ew_conv_1x1_s8__sdot"
    sources = ("sdot/ew_conv_1x1_s8__sdot.c", *GEMM_SOURCES)
    dense = FcKernel()

    def overlap_bytes(self, contract: ConvS8) -> int | None:
        out_h, out_w, out_c = contract.out_shape
        x_bytes, row_bytes = math.prod(contract.in_shape), contract.in_shape[1] * contract.in_shape[2]
        stride_h, stride_w = contract.window.stride
        blocks = sdot_blocks(out_c)
        if any(len(block) < LANES for block in blocks):
            return None
        joined = contract.window.stride == (1, 1) and out_w == contract.in_shape[1]
        rows, width = (1, out_h * out_w) if joined else (out_h, out_w)
        steps: list[tuple[int, int]] = []
        for row in range(rows):
            left = x_bytes - row * stride_h * row_bytes
            pixels = row_steps(width, left, stride_w * contract.in_shape[2], contract.in_shape[2], len(blocks))
            steps += [(row * width + first, row * width + last) for first, last in pixels]
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, steps, copied=len(blocks) == 1)
