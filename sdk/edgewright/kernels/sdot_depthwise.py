"""3x3 depthwise convolution with SDOT: four input rows of a channel in 32 bits serve two output rows.

The packing of `ew_depthwise_3x3_s8__sdot`: channels in blocks of 16, the last one moved back so that it ends with the
last channel; eight channels make one block that repeats them. A block holds, for each four channels, each column of
the window and each of the two output rows, four weights of each channel, (w0, w1, w2, 0) for the upper row and
(0, w0, w1, w2) for the lower one; then its bias and half of its mult.
"""

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts import Contract
from edgewright.contracts.conv import DepthwiseS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.conv import conv_fields
from edgewright.kernels.neon_gemm import as_bytes, block_outputs
from edgewright.kernels.neon_panel import panel_bytes, panel_row_bytes, panel_rows

LANES = 16


def channel_blocks(channels: int) -> np.ndarray:
    """The channels of each block, [blocks, 16]."""
    return np.arange(LANES)[None] % channels if channels == 8 else block_outputs(channels, LANES)


def pack_columns(c: DepthwiseS8) -> Array:
    rows = np.zeros((2, 4, 3, c.out_shape[2]), np.int8)
    rows[0, :3] = rows[1, 1:] = c.weights
    parts: list[np.ndarray] = []
    for channels in channel_blocks(c.out_shape[2]):
        block = rows[..., channels].reshape(2, 4, 3, 4, 4)  # output row, input row, column, vector, channel
        parts.append(block.transpose(3, 2, 0, 4, 1).reshape(-1))
        parts += [as_bytes(c.bias[channels]), as_bytes(c.mult[channels] // 2)]
    return Array(np.concatenate(parts), 16)


class SdotDepthwise3x3(Kernel):
    """3x3 depthwise convolution of stride 1 with 8 channels, or 16 and more."""

    contract = DepthwiseS8
    symbol = "ew_depthwise_3x3_s8__sdot"
    isa = "sdot"
    sources = ("sdot/ew_depthwise_3x3_s8__sdot.c",)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, DepthwiseS8)
        window, channels = contract.window, contract.out_shape[2]
        if window.kernel != (3, 3) or window.stride != (1, 1) or window.dilation != (1, 1):
            return f"kernel {window.kernel}, stride {window.stride}, dilation {window.dilation}; supported: 3x3, 1, 1"
        if channels != 8 and channels < LANES:
            return f"{channels} channels; supported: 8, or 16 and more"
        return "a row of one pixel" if channels == 8 and contract.out_shape[1] == 1 else None

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, DepthwiseS8)
        return [KernelCall(self.symbol, "ew_conv_s8_t", conv_fields(contract, pack_columns(contract), 0, 0))]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, DepthwiseS8)
        return panel_bytes(contract) + panel_row_bytes(contract) + LANES

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, DepthwiseS8)
        out_h, out_w, channels = contract.out_shape
        pieces = -(-out_w // 2) if channels == 8 else out_w * len(channel_blocks(channels))
        pairs = sum(-(-min(panel_rows(contract), out_h - r) // 2) for r in range(0, out_h, panel_rows(contract)))
        return float(pairs * (pieces * (115 if channels == 8 else 92) + 60 * len(channel_blocks(channels)) + 150))
