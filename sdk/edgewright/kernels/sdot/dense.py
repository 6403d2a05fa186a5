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


def line_cost(rows: int, out_c: int, k: int, runs: int = 1, *, is_narrow: bool = True) -> float:
    """Instructions for one line of rows in `ew_gemm_lines__sdot`, counted; each row is `runs` runs of k inputs."""
    widths = [len(block) for block in sdot_blocks(out_c)]
    sixteens, octets, quads = (widths.count(width) for width in (LANES, OCTET, QUAD))
    steps, total = runs * -(-k // 4), 45.0
    if sixteens and is_narrow and runs == 1 and k <= SHORT_K:
        turns = -(-rows // SHORT_ROWS) if sixteens > 1 else 1
        total += sixteens * (36 * turns + rows * (14 + 3.8 * steps))
    elif sixteens:
        fours, ones = divmod(rows, 4)
        total += fours * (15 + sixteens * (37 + 26 * runs + 17.5 * steps))
        total += ones * sixteens * (9 + 8 * runs + 5.3 * steps) + (80 if ones else 0)
    if octets or quads:
        total += _strips_cost(rows if out_c >= QUAD else 0, octets, quads, runs, steps)
        total += 0 if out_c >= QUAD else rows * (110 + 40 * runs + 2.3 * steps)
    return total


def _strips_cost(rows: int, octets: int, quads: int, runs: int, steps: int) -> float:
    """What is not a multiple of sixteen outputs: eight rows at a time, then two, then one."""
    eights, twos, one = rows // 8, rows % 8 // 2, rows % 2
    total: float = eights * (70 + octets * (75 + 20 * steps + 99 * runs) + quads * (150 + 11 * steps + 50 * runs))
    total += twos * (70 + octets * (30 + 6.5 * steps + 32 * runs) + quads * (30 + 3.5 * steps + 32 * runs))
    return total + one * (70 + octets * (30 + 4.2 * steps + 32 * runs) + quads * (18 + 2.3 * steps + 32 * runs))


def is_narrow(c: ConvS8 | FcS8) -> bool:
    """Whether scaled sums stay in int16 and need no limits: the twin of `is_narrow` in `ew_gemm__sdot.c`."""
    weights = c.weights.reshape(len(c.weights), -1)
    return (c.act_min, c.act_max) == (-128, 127) and narrow_refusal(weights, c.bias, c.mult, c.shift) is None


class FcKernel(DenseKernel):
    """Fully connected layer of any size."""

    symbol = "ew_fc_s8__sdot"
    sources = ("sdot/ew_fc_s8__sdot.c", *GEMM_SOURCES)

    def packed(self, contract: FcS8) -> Array:
        return pack_fours(contract.weights, contract.bias, contract.mult, contract.shift)

    def cost(self, contract: FcS8) -> float:
        return 140 + line_cost(contract.rows, *contract.weights.shape, is_narrow=is_narrow(contract))


class Conv1x1Kernel(PointwiseKernel):
    """1x1 convolution of any stride, four pixels against sixteen outputs."""

    symbol = "ew_conv_1x1_s8__sdot"
    sources = ("sdot/ew_conv_1x1_s8__sdot.c", *GEMM_SOURCES)
    dense = FcKernel()

    def cost(self, contract: ConvS8) -> float:
        out_h, out_w, out_c = contract.out_shape
        joined = contract.window.stride == (1, 1) and out_w == contract.in_shape[1]
        lines, pixels = (1, out_h * out_w) if joined else (out_h, out_w)
        return lines * (140 + line_cost(pixels, out_c, contract.in_shape[2], is_narrow=is_narrow(contract)))

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
