"""Convolutions with any window on base NEON: windows in a padded panel, the matrix product of `neon.dense`.

The layouts of dilated windows, and of the other ISAs, are those of `runtime_c/src/advsimd/ew_conv_rows.h`.
"""

from typing import ClassVar

import numpy as np

from edgewright.contracts.conv import ConvS8
from edgewright.kernels.advsimd.packing import READ_BYTES
from edgewright.kernels.advsimd.panel import panel_bytes, panel_cost, panel_rows, panel_width
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import packed_call
from edgewright.kernels.geometry.limits import groups_refusal
from edgewright.kernels.neon.dense import GEMM_SOURCES, gemm_cost, pack_windows, pair_refusal


def uses_columns(c: ConvS8) -> bool:
    """The twin of `ew_conv_uses_columns`."""
    return c.in_shape[2] >= 16 and c.window.dilation[1] == 1 and c.window.kernel[1] > c.window.stride[1]


def conv_matrix(c: ConvS8) -> np.ndarray:
    """The weights as [out_c, k], in the order in which the layout puts the window."""
    weights = c.weights.swapaxes(1, 2) if uses_columns(c) else c.weights
    return weights.reshape(c.out_shape[2], -1)


def conv_scratch(c: ConvS8) -> int:
    """Bytes for the panel and what is laid out from them."""
    k: int = c.weights[0].size
    if uses_columns(c):
        return panel_bytes(c) + panel_width(c) * c.window.kernel[0] * c.in_shape[2] + READ_BYTES
    pitch = -(-k // READ_BYTES) * READ_BYTES + 16
    pixels = min(panel_rows(c) * c.out_shape[1], 8 if pitch >= 512 else 4096 // pitch)
    return panel_bytes(c) + pixels * pitch


def copied_pieces(c: ConvS8) -> int:
    """Pieces of 16 bytes that the layout copies."""
    k_h, k_w = c.window.kernel
    if uses_columns(c):
        return c.out_shape[0] * panel_width(c) * k_h * -(-c.in_shape[2] // 16)
    pieces = -(-k_w * c.in_shape[2] // 16) if c.window.dilation[1] == 1 else k_w * -(-c.in_shape[2] // 16)
    return c.out_shape[0] * c.out_shape[1] * k_h * pieces


def patch_groups(c: ConvS8) -> tuple[list[int], int]:
    """Pixels of each product when windows are laid out as patches, and how many times patches are filled."""
    pitch = -(-c.weights[0].size // READ_BYTES) * READ_BYTES + 16
    most = 8 if pitch >= 512 else 4096 // pitch
    (out_h, out_w, _), groups, fills = c.out_shape, list[int](), 0
    for first in range(0, out_h, panel_rows(c)):
        pixels = min(panel_rows(c), out_h - first) * out_w
        ends = {*range(0, pixels, most), *range(0, pixels, out_w)}
        fills += len(ends)
        groups += [min(most, pixels - at) for at in range(0, pixels, most)]
    return groups, fills


def is_direct(c: ConvS8) -> bool:
    """Whether `ew_conv_s8__neon` reads windows from the panel; otherwise patches are laid out."""
    return c.window.dilation[1] == 1 or c.window.kernel[1] == 1


def windows(c: ConvS8) -> np.ndarray:
    """The weights as [out_c, segments, run]: a segment per row of the window, or one for all of it."""
    return c.weights.reshape(c.out_shape[2], c.window.kernel[0] if is_direct(c) else 1, -1)


class ConvKernel(Kernel[ConvS8]):
    """Convolution with one group and any window."""

    symbol = "ew_conv_s8__neon"
    sources: ClassVar[tuple[str, ...]] = ("neon/ew_conv_s8__neon.c", *GEMM_SOURCES)

    def limits(self, contract: ConvS8) -> str | None:
        return groups_refusal(contract) or pair_refusal(windows(contract))

    def calls(self, contract: ConvS8) -> list[KernelCall]:
        return packed_call(
            self.symbol, contract, pack_windows(windows(contract), contract.bias, contract.mult, contract.shift)
        )

    def scratch_bytes(self, contract: ConvS8) -> int:
        return panel_bytes(contract) if is_direct(contract) else conv_scratch(contract)

    def cost(self, contract: ConvS8) -> float:
        rows, columns, _ = contract.out_shape
        laid_out = panel_cost(contract, 0.2) + (0.0 if is_direct(contract) else 3.5 * copied_pieces(contract))
        return rows * gemm_cost(columns, windows(contract)) + laid_out
