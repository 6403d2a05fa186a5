"""Depthwise convolutions over a line, N x 1 or 1 x N, with SDOT: four neighbouring positions of a channel at a time.

The packing of `ew_depthwise_line_s8__sdot`: channels in blocks of 16, the last one moved back so that it ends with the
last channel. A block holds its bias; for each four positions that the windows of four neighbouring outputs reach, and
each of these outputs, four weights of each channel (zero where the window is not); then half of its mult.
"""

from typing import ClassVar

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import DepthwiseS8
from edgewright.kernels.advsimd.packing import as_bytes, block_outputs
from edgewright.kernels.advsimd.panel import along_rows
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import packed_call
from edgewright.kernels.sdot.output import narrow_refusal

LANES = 16
TOGETHER = 4


def reached_fours(taps: int) -> int:
    """Fours of positions that the windows of four neighbouring outputs reach."""
    return (taps + TOGETHER + 2) // 4


def pack_line(c: DepthwiseS8) -> Array:
    """c: one row of outputs."""
    taps, channels = c.window.kernel[1], c.out_shape[2]
    weights = np.zeros((TOGETHER, 4 * reached_fours(taps), channels), np.int8)
    for output in range(TOGETHER):
        weights[output, output : output + taps] = c.weights[0]
    fours = weights.reshape(TOGETHER, -1, 4, channels).transpose(1, 0, 3, 2)  # four, output, channel, position
    parts: list[np.ndarray] = []
    for block in block_outputs(channels, LANES):
        parts += [as_bytes(c.bias[block]), fours[:, :, block].reshape(-1), as_bytes(c.mult[block] // 2)]
    return Array(np.concatenate(parts), LANES)


class DepthwiseLineKernel(Kernel[DepthwiseS8]):
    """Depthwise convolution over a single row or column, stride 1, 16 and more channels."""

    symbol = "ew_depthwise_line_s8__sdot"
    sources: ClassVar[tuple[str, ...]] = (
        "sdot/ew_depthwise_line_s8__sdot.c",
        "sdot/ew_depthwise_line_core__sdot.S",
        "sdot/ew_interleave__sdot.S",
    )

    def limits(self, contract: DepthwiseS8) -> str | None:
        line, channels = along_rows(contract), contract.out_shape[2]
        heights = (line.in_shape[0], line.out_shape[0], line.window.kernel[0])
        if heights != (1, 1, 1) or line.window.pad[0]:
            return f"input, output and kernel of {heights} rows; supported: 1, without padding"
        if (line.window.stride[1], line.window.dilation[1]) != (1, 1):
            return f"stride {line.window.stride[1]}, dilation {line.window.dilation[1]}; supported: 1, 1"
        if channels < LANES or channels != contract.in_shape[2]:
            return f"{contract.in_shape[2]} to {channels} channels; supported: the same {LANES} and more"
        taps = contract.weights.reshape(-1, channels).T
        return narrow_refusal(taps, contract.bias, contract.mult, contract.shift)

    def calls(self, contract: DepthwiseS8) -> list[KernelCall]:
        line = along_rows(contract)
        return packed_call(self.symbol, line, pack_line(line))

    def scratch_bytes(self, contract: DepthwiseS8) -> int:
        line = along_rows(contract)
        fours = -(-line.out_shape[1] // TOGETHER) + reached_fours(line.window.kernel[1]) - 1
        return (4 * fours + 1) * line.in_shape[2]

    def overlap_bytes(self, contract: DepthwiseS8) -> int | None:
        return 0  # all of x is interleaved before the first output

    def cost(self, contract: DepthwiseS8) -> float:
        line = along_rows(contract)
        quads = -(-line.out_shape[1] // TOGETHER)
        fours, channels = reached_fours(line.window.kernel[1]), line.out_shape[2]
        blocks = len(block_outputs(channels, LANES))
        return float(150 + blocks * (12 + quads * (60 + 23 * fours)) + (quads + fours - 1) * (40 + channels / 4))
