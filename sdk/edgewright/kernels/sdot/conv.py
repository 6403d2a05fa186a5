"""Convolutions with any window through SDOT: the matrix product of `sdot.dense` over the rows of each window.

Long rows of a window are read where they are, in the input or in a panel of it; short or dilated ones are laid out as
patches, as `neon.conv` does.
"""

import numpy as np

from edgewright.contracts.conv import ConvS8
from edgewright.kernels.advsimd.packing import READ_BYTES, matrix
from edgewright.kernels.advsimd.panel import panel_bytes, panel_cost, panel_rows
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import packed_call
from edgewright.kernels.geometry.limits import groups_refusal
from edgewright.kernels.geometry.overlap import overlap_bytes, row_groups
from edgewright.kernels.neon.conv import conv_scratch, copied_pieces, patch_groups
from edgewright.kernels.sdot.dense import GEMM_SOURCES, is_narrow, line_cost, pack_fours

LEAST_RUN = 16


def uses_runs(c: ConvS8) -> bool:
    """The twin of `uses_runs` in `ew_conv_s8__sdot.c`."""
    return c.window.dilation[1] == 1 and c.window.kernel[1] * c.in_shape[2] >= LEAST_RUN


def stays_inside(c: ConvS8) -> bool:
    """The twin of `stays_inside` in `ew_conv_s8__sdot.c`."""
    return c.stays_inside and c.window.kernel[1] * c.in_shape[2] % READ_BYTES == 0


def run_matrix(c: ConvS8) -> np.ndarray:
    """The weights as [out_c, k], each row of a window filled up to a multiple of four where it is a run."""
    if not uses_runs(c):
        return matrix(c)
    rows = c.weights.reshape(c.out_shape[2], c.window.kernel[0], -1)
    return np.pad(rows, ((0, 0), (0, 0), (0, -rows.shape[2] % 4))).reshape(c.out_shape[2], -1)


class ConvKernel(Kernel[ConvS8]):
    """Convolution with one group and any window."""

    symbol = "ew_conv_s8__sdot"
    sources = ("sdot/ew_conv_s8__sdot.c", *GEMM_SOURCES)

    def limits(self, contract: ConvS8) -> str | None:
        return groups_refusal(contract)

    def calls(self, contract: ConvS8) -> list[KernelCall]:
        return packed_call(
            self.symbol, contract, pack_fours(run_matrix(contract), contract.bias, contract.mult, contract.shift)
        )

    def scratch_bytes(self, contract: ConvS8) -> int:
        if not uses_runs(contract):
            return conv_scratch(contract)
        return 0 if stays_inside(contract) else panel_bytes(contract)

    def overlap_bytes(self, contract: ConvS8) -> int | None:
        direct = uses_runs(contract) and stays_inside(contract)
        groups = row_groups(contract.out_shape, 1 if direct else panel_rows(contract))
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, groups, copied=not direct)

    def cost(self, contract: ConvS8) -> float:
        """Counted; patches are laid out with 165 for each part of a row, and copies of 16 bytes."""
        (out_h, out_w, out_c), (k_h, k_w) = contract.out_shape, contract.window.kernel
        narrow, run = is_narrow(contract), k_w * contract.in_shape[2]
        if uses_runs(contract):
            line = line_cost(out_w, out_c, run, k_h, is_narrow=narrow)
            return 150 + out_h * line + (0.0 if stays_inside(contract) else panel_cost(contract, 0.1))
        groups, fills = patch_groups(contract)
        copied = 10.0 * copied_pieces(contract)
        if contract.window.dilation[1] == 1:  # a piece for each row of a window, three of them unrolled
            copied = out_h * out_w * (9 if k_h == 3 else 12 + 3.6 * k_h)
        products = [150 + line_cost(pixels, out_c, run * k_h, is_narrow=narrow) for pixels in groups]
        return sum(products) + 165 * fills + copied + panel_cost(contract, 0.1)
