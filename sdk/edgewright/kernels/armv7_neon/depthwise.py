"""Depthwise convolutions on Armv7 NEON: eight channels in lanes, two taps to an int16 product.

The packing is that of `neon.depthwise` with blocks of eight channels only; a row of 1, 2 or 4 channels with a
horizontal stride of 1 is one run of bytes.
"""

import numpy as np

from edgewright.contracts.conv import DepthwiseS8
from edgewright.kernels.advsimd.packing import block_outputs
from edgewright.kernels.advsimd.panel import along_rows, panel_cost, panel_rows
from edgewright.kernels.base import KernelCall
from edgewright.kernels.c.conv import packed_call
from edgewright.kernels.neon import depthwise as neon
from edgewright.kernels.neon.depthwise import even_taps, pack_channels

LANES = 8


def channel_blocks(c: DepthwiseS8) -> np.ndarray:
    """The channels of each block, [blocks, 8]."""
    channels = c.out_shape[2]
    return np.arange(LANES)[None] % channels if is_flat(c) else block_outputs(channels, LANES)


def is_flat(c: DepthwiseS8) -> bool:
    """Whether a row is one run of bytes, the twin of the choice in `ew_depthwise_s8__armv7_neon`."""
    channels = c.out_shape[2]
    return c.window.stride[1] == 1 and channels in (1, 2, 4) and c.out_shape[1] * channels >= LANES


class DepthwiseKernel(neon.DepthwiseKernel):
    """Depthwise convolution of any window and channel multiplier."""

    symbol = "ew_depthwise_s8__armv7_neon"
    sources = ("armv7_neon/ew_depthwise_s8__armv7_neon.c",)

    def calls(self, contract: DepthwiseS8) -> list[KernelCall]:
        turned = along_rows(contract)
        return packed_call(self.symbol, turned, pack_channels(turned, list(channel_blocks(turned))))

    def cost(self, contract: DepthwiseS8) -> float:
        """Counted; 3x3 taps stay in registers, others are loaded for four pieces of a row, or for one."""
        turned = along_rows(contract)
        out_h, out_w, channels = turned.out_shape
        pieces, taps, blocks = out_w, even_taps(turned).shape[1], len(channel_blocks(turned))
        flat = is_flat(turned)
        if flat:
            pieces = -(-out_w * channels // LANES)
        if turned.window.kernel == (3, 3):
            run = -(-out_h // panel_rows(turned)) * 60
            row = 42 * pieces + 16
        else:
            run, row = 0, pieces // 4 * (15.8 * taps + 102) + pieces % 4 * (8 * taps + 40)
        narrow = (4.6 * channels + 2) * out_w if channels < LANES and not flat else 0.0
        return (
            580
            + blocks * (run + out_h * row)
            + out_h * narrow
            + panel_cost(turned, 0.45, 18 + 2 * channels / turned.in_shape[2])
        )
