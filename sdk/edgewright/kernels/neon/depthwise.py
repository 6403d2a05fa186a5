"""Depthwise convolutions on base NEON: channels in lanes, two taps to an int16 product.

The packing of `ew_depthwise_s8__neon`: channels in blocks of 16, then one of 8 when eight or fewer are left; the
last block is moved back so that it ends with the last channel. A block holds its taps in order (a tap of zeros
makes their number even), each one byte per channel, then its bias and half of its mult.
A row of 1, 2, 4 or 8 channels with a horizontal stride of 1 is one run of bytes: one block of 16 whose channels
repeat.
"""

from typing import ClassVar

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import DepthwiseS8
from edgewright.kernels.advsimd.packing import PAIR_LIMIT, as_bytes, gather_outputs, lane_blocks
from edgewright.kernels.advsimd.panel import along_rows, panel_bytes, panel_cost, panel_rows
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import packed_call

POINTER_BYTES = 8


def is_flat(c: DepthwiseS8) -> bool:
    """Whether a row is one run of bytes, the twin of the choice in `ew_depthwise_s8__neon`."""
    channels = c.out_shape[2]
    return c.window.stride[1] == 1 and channels in (1, 2, 4, 8) and c.out_shape[1] * channels >= 16


def channel_blocks(c: DepthwiseS8) -> list[np.ndarray]:
    """The channels of each block, in the order of the packing."""
    return [np.arange(16) % c.out_shape[2]] if is_flat(c) else lane_blocks(c.out_shape[2])


def even_taps(c: DepthwiseS8) -> np.ndarray:
    """The weights as [channels, taps], with a last tap of zeros when their number is odd."""
    taps = c.weights.reshape(-1, c.out_shape[2]).T
    return np.pad(taps, ((0, 0), (0, taps.shape[1] % 2)))


def pack_channels(c: DepthwiseS8, blocks: list[np.ndarray]) -> Array:
    """For each block of channels its taps, bias and half of mult."""
    parts: list[np.ndarray] = []
    for channels in blocks:
        parts.append(gather_outputs(even_taps(c), channels).T.reshape(-1))
        parts.append(as_bytes(gather_outputs(c.bias, channels)))
        parts.append(as_bytes(gather_outputs(c.mult // 2, channels)))
    return Array(np.concatenate(parts), 16)


class DepthwiseKernel(Kernel[DepthwiseS8]):
    """Depthwise convolution of any window and channel multiplier."""

    symbol = "ew_depthwise_s8__neon"
    sources: ClassVar[tuple[str, ...]] = ("neon/ew_depthwise_s8__neon.c",)

    def limits(self, contract: DepthwiseS8) -> str | None:
        taps = np.abs(even_taps(along_rows(contract)).astype(np.int32))
        found = int((taps[:, 0::2] + taps[:, 1::2]).max(initial=0))
        return f"two taps of an int16 lane sum to {found}; supported: {PAIR_LIMIT}" if found > PAIR_LIMIT else None

    def calls(self, contract: DepthwiseS8) -> list[KernelCall]:
        turned = along_rows(contract)
        return packed_call(self.symbol, turned, pack_channels(turned, channel_blocks(turned)))

    def scratch_bytes(self, contract: DepthwiseS8) -> int:
        turned = along_rows(contract)
        taps = turned.window.kernel[0] * turned.window.kernel[1]
        narrow = 8 * panel_rows(turned) * turned.out_shape[1] if turned.out_shape[2] < 8 else 0
        return panel_bytes(turned) + POINTER_BYTES * (taps + 1) + narrow

    def cost(self, contract: DepthwiseS8) -> float:
        """Counted; nine taps stay in registers, others are loaded for four pieces of a row, or for one."""
        turned = along_rows(contract)
        out_h, out_w, channels = turned.out_shape
        pieces, taps = out_w, even_taps(turned).shape[1]
        if is_flat(turned):
            pieces = -(-out_w * channels // 16)
        row = 0.0
        for lanes in map(len, channel_blocks(turned)):
            if taps == 10:
                row += (66 if lanes == 16 else 40) * pieces + 24
            else:
                four, one = (26.5 * taps + 125, 11 * taps + 25) if lanes == 16 else (20.4 * taps + 70, 7.7 * taps + 18)
                row += pieces // 4 * four + pieces % 4 * one
        narrow = (6.4 * channels + 2) * out_w if channels < 8 and not is_flat(turned) else 0.0
        return 480 + out_h * (row + narrow) + panel_cost(turned, 0.2)
