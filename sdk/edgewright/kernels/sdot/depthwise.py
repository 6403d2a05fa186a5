"""3x3 depthwise convolutions with SDOT: four bytes of a channel, one from each of four input rows.

The packing of `ew_depthwise_3x3_s8__sdot` and `ew_depthwise_3x3s2_s8__sdot`: channels in blocks of 8 or 16, the last
one moved back so that it ends with the last channel. A block holds, for each column of the window and each of the
output rows that it computes, four weights of each channel: (w0, w1, w2, 0), and (0, w0, w1, w2) for a lower row; then
its bias for each of the rows and half of its mult.
"""

from typing import ClassVar

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import DepthwiseS8
from edgewright.kernels.advsimd.packing import as_bytes, block_outputs
from edgewright.kernels.advsimd.panel import panel_width
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import packed_call
from edgewright.kernels.geometry.overlap import overlap_bytes, row_groups
from edgewright.kernels.sdot.output import narrow_refusal

LEAST_BYTES = 16


def pack_columns(c: DepthwiseS8, lanes: int, rows: int) -> Array:
    """lanes: channels of a block. rows: output rows that see the same input rows, 1 or 2."""
    taps = np.zeros((rows, 4, 3, c.out_shape[2]), np.int8)
    for row in range(rows):
        taps[row, row : row + 3] = c.weights
    parts: list[np.ndarray] = []
    for channels in block_outputs(c.out_shape[2], lanes):
        parts.append(taps[..., channels].transpose(2, 0, 3, 1).reshape(-1))
        parts += [as_bytes(np.tile(c.bias[channels], rows)), as_bytes(c.mult[channels] // 2)]
    return Array(np.concatenate(parts), 16)


def seen_row_bytes(c: DepthwiseS8) -> int:
    """Bytes of an input row that windows see."""
    return min(c.in_shape[1], panel_width(c) - c.window.pad[1]) * c.in_shape[2]


class Depthwise3x3Kernel(Kernel[DepthwiseS8]):
    """3x3 depthwise convolution of stride 1 with 8 and more channels, two rows at a time."""

    symbol = "ew_depthwise_3x3_s8__sdot"
    sources: ClassVar[tuple[str, ...]] = (
        "sdot/ew_depthwise_3x3_s8__sdot.c",
        "sdot/ew_depthwise_3x3_core__sdot.S",
        "sdot/ew_interleave__sdot.S",
    )
    lanes: ClassVar[int] = 8
    rows: ClassVar[int] = 2
    strides: ClassVar[tuple[tuple[int, int], ...]] = ((1, 1),)

    def limits(self, contract: DepthwiseS8) -> str | None:
        window, channels = contract.window, contract.out_shape[2]
        if window.kernel != (3, 3) or window.stride not in self.strides or window.dilation != (1, 1):
            supported = " or ".join(map(str, self.strides))
            return (
                f"kernel {window.kernel}, stride {window.stride}, dilation {window.dilation}; "
                f"supported: (3, 3), {supported}, (1, 1)"
            )
        if channels < self.lanes or channels != contract.in_shape[2]:
            return f"{contract.in_shape[2]} to {channels} channels; supported: the same {self.lanes} and more"
        if seen_row_bytes(contract) < LEAST_BYTES:
            return f"rows of {seen_row_bytes(contract)} bytes; supported: {LEAST_BYTES} and more"
        taps = contract.weights.reshape(-1, channels).T
        return narrow_refusal(taps, contract.bias, contract.mult, contract.shift)

    def calls(self, contract: DepthwiseS8) -> list[KernelCall]:
        return packed_call(self.symbol, contract, pack_columns(contract, self.lanes, self.rows))

    def scratch_bytes(self, contract: DepthwiseS8) -> int:
        return 4 * panel_width(contract) * contract.in_shape[2] + seen_row_bytes(contract)

    def overlap_bytes(self, contract: DepthwiseS8) -> int | None:
        groups = row_groups(contract.out_shape, self.rows)
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, groups, copied=True)

    def cost(self, contract: DepthwiseS8) -> float:
        blocks = len(block_outputs(contract.out_shape[2], self.lanes))
        pieces = contract.out_shape[1] * blocks
        groups = -(-contract.out_shape[0] // self.rows)
        return float(groups * (26 * pieces + 22 * blocks + 0.27 * seen_row_bytes(contract) + 60) + 200)


class Depthwise3x3Stride2Kernel(Depthwise3x3Kernel):
    """3x3 depthwise convolution of horizontal stride 2 with 16 and more channels, a row at a time."""

    symbol = "ew_depthwise_3x3s2_s8__sdot"
    sources: ClassVar[tuple[str, ...]] = (
        "sdot/ew_depthwise_3x3s2_s8__sdot.c",
        "sdot/ew_depthwise_3x3s2_core__sdot.S",
        "sdot/ew_interleave__sdot.S",
    )
    lanes: ClassVar[int] = 16
    rows: ClassVar[int] = 1
    strides: ClassVar[tuple[tuple[int, int], ...]] = ((2, 2), (1, 2))
