"""Exact integer Winograd convolution F(4x4, 3x3) on base NEON (AArch64).

The packing of `ew_conv_winograd_s8__neon`: eight outputs at a time, their weights [in_c][9][8] as they are, 576 times
their bias modulo 2^32, half of their mult. The body transforms weights itself, so that flash does not grow.
"""

from dataclasses import replace

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import ConvS8
from edgewright.kernels.advsimd.packing import OCTET, as_bytes
from edgewright.kernels.advsimd.panel import panel_bytes
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import packed_call
from edgewright.kernels.geometry.overlap import overlap_bytes, row_groups
from edgewright.kernels.geometry.winograd import sum_refusal, window_refusal

TILE, POSITIONS, MOST_TILES = 4, 36, 16
#: Sums are kept 576 times as large modulo 2^32, and 64 times as large once 9 is divided out.
SUM_LIMIT = 2**25


class ConvWinogradKernel(Kernel[ConvS8]):
    """3x3 convolution of stride 1 with four times fewer products: for time at the price of scratch memory."""

    symbol = "ew_conv_winograd_s8__neon"
    sources = (
        "neon/ew_conv_winograd_s8__neon.c",
        "neon/ew_winograd__neon.S",
        "neon/ew_winograd_transforms__neon.S",
    )

    def limits(self, contract: ConvS8) -> str | None:
        if reason := window_refusal(contract):
            return reason
        in_c, out_c = contract.in_shape[2], contract.out_shape[2]
        if in_c % OCTET or out_c % OCTET:
            return f"{in_c} to {out_c} channels; supported: multiples of {OCTET}"
        return sum_refusal(contract, SUM_LIMIT)

    def calls(self, contract: ConvS8) -> list[KernelCall]:
        return packed_call(self.symbol, contract, pack_octets(contract))

    def scratch_bytes(self, contract: ConvS8) -> int:
        in_c = contract.in_shape[2]
        _, width = tiles(contract)
        columns = 6 * (TILE * width + 2) * OCTET * 2
        weights, sums = POSITIONS * in_c * OCTET * 2, POSITIONS * 8 * OCTET * 4
        together = -(-rows_together(contract) * width // 4) * 4
        return panel_bytes(whole(contract)) + columns + weights + sums + together * POSITIONS * in_c * 2

    def overlap_bytes(self, contract: ConvS8) -> int | None:
        groups = row_groups(contract.out_shape, TILE * rows_together(contract))
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, groups, copied=True)

    def cost(self, contract: ConvS8) -> float:
        rows, width = tiles(contract)
        in_c, out_c = contract.in_shape[2], contract.out_shape[2]
        chunks = -(-rows // rows_together(contract))
        products = 0.27 * POSITIONS * in_c * out_c * -(-rows * width // 4) * 4
        transforms = rows * width * (45 * in_c + 75 * out_c) + 20 * chunks * in_c * out_c
        return float(products + transforms + 600 * rows + 1000)


def tiles(c: ConvS8) -> tuple[int, int]:
    """Rows of tiles, and tiles in a row."""
    return -(-c.out_shape[0] // TILE), -(-c.out_shape[1] // TILE)


def rows_together(c: ConvS8) -> int:
    """Rows of tiles whose inputs are in scratch together."""
    rows, width = tiles(c)
    return min(rows, max(1, MOST_TILES // width))


def whole(c: ConvS8) -> ConvS8:
    """The convolution with all outputs of all tiles."""
    rows, width = tiles(c)
    return replace(c, out_shape=(rows * TILE, width * TILE, c.out_shape[2]))


def pack_octets(c: ConvS8) -> Array:
    """For each eight outputs their weights, 576 times their bias and half of their mult."""
    parts: list[np.ndarray] = []
    for first in range(0, c.out_shape[2], OCTET):
        octet = slice(first, first + OCTET)
        parts.append(c.weights[octet].reshape(OCTET, 9, -1).transpose(2, 1, 0).reshape(-1))
        bias = (576 * c.bias[octet].astype(np.int64) & 0xFFFFFFFF).astype(np.uint32)
        parts += [bias.view(np.int8), as_bytes(c.mult[octet] // 2)]
    return Array(np.concatenate(parts), 16)
