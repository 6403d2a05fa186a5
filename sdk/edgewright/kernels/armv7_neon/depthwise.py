"""Depthwise convolutions on Armv7 NEON: eight channels in lanes, two taps to an int16 product.

The packing is that of `neon.depthwise` with blocks of eight channels only; a row of 1, 2 or 4 channels with a
horizontal stride of 1 is one run of bytes.
"""

import numpy as np

from edgewright.contracts.conv import DepthwiseS8
from edgewright.kernels.advsimd.packing import block_outputs
from edgewright.kernels.advsimd.panel import along_rows
from edgewright.kernels.base import KernelCall
from edgewright.kernels.c.conv import packed_call
from edgewright.kernels.neon import depthwise as neon
from edgewright.kernels.neon.depthwise import even_taps, pack_channels

LANES = 8


def channel_blocks(c: DepthwiseS8) -> np.ndarray:
    """The channels of each block, [blocks, 8]."""
    channels = c.out_shape[2]
    is_flat = c.window.stride[1] == 1 and channels in (1, 2, 4) and c.out_shape[1] * channels >= LANES
    return np.arange(LANES)[None] % channels if is_flat else block_outputs(channels, LANES)


class DepthwiseKernel(neon.DepthwiseKernel):
    """Depthwise convolution of any window and channel multiplier."""

    symbol = "ew_depthwise_s8__armv7_neon"
    sources = ("armv7_neon/ew_depthwise_s8__armv7_neon.c",)

    def calls(self, contract: DepthwiseS8) -> list[KernelCall]:
        turned = along_rows(contract)
        return packed_call(self.symbol, turned, pack_channels(turned, list(channel_blocks(turned))))

    def cost(self, contract: DepthwiseS8) -> float:
        turned = along_rows(contract)
        out_h, out_w, channels = turned.out_shape
        taps, pieces = even_taps(turned).shape[1], max(len(channel_blocks(turned)), channels / LANES)
        return float(out_h * (out_w * pieces * (3.4 * taps + 16) + 20 * pieces + 60))
