"""Convolutions with any window on Armv7 NEON: the layouts of `neon_conv`, the products of `armv7_neon_gemm`.

Depthwise: eight channels in lanes, two taps to an int16 product. The packing is that of `neon_depthwise` with blocks of
eight channels only; a row of 1, 2 or 4 channels with a horizontal stride of 1 is one run of bytes.
"""

import numpy as np

from edgewright.contracts import Contract
from edgewright.contracts.conv import ConvS8, DepthwiseS8
from edgewright.kernels.armv7_neon_gemm import GEMM_SOURCES, gemm_cost, pack_gemm, pair_refusal
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.conv import conv_fields
from edgewright.kernels.neon_conv import conv_matrix, conv_scratch, copied_pieces
from edgewright.kernels.neon_depthwise import NeonDepthwise, even_taps, pack_channels
from edgewright.kernels.neon_packing import block_outputs
from edgewright.kernels.neon_panel import along_rows

LANES = 8


class Armv7NeonConv(Kernel):
    """Convolution with one group and any window."""

    contract = ConvS8
    symbol = "ew_conv_s8__armv7_neon"
    isa = "armv7_neon"
    sources = ("armv7_neon/ew_conv_s8__armv7_neon.c", *GEMM_SOURCES)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, ConvS8)
        return (
            f"{contract.groups} groups; supported: 1" if contract.groups != 1 else pair_refusal(conv_matrix(contract))
        )

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, ConvS8)
        packed = pack_gemm(conv_matrix(contract), contract.bias, contract.mult)
        return [KernelCall(self.symbol, "ew_conv_s8_t", conv_fields(contract, packed, 0, 0))]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, ConvS8)
        return conv_scratch(contract)

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, ConvS8)
        pixels = contract.out_shape[0] * contract.out_shape[1]
        return gemm_cost(pixels, conv_matrix(contract)) + 4.0 * copied_pieces(contract) + 150 * contract.out_shape[0]


def channel_blocks(c: DepthwiseS8) -> np.ndarray:
    """The channels of each block, [blocks, 8]."""
    channels = c.out_shape[2]
    is_flat = c.window.stride[1] == 1 and channels in (1, 2, 4) and c.out_shape[1] * channels >= LANES
    return np.arange(LANES)[None] % channels if is_flat else block_outputs(channels, LANES)


class Armv7NeonDepthwise(NeonDepthwise):
    """Depthwise convolution of any window and channel multiplier."""

    symbol = "ew_depthwise_s8__armv7_neon"
    isa = "armv7_neon"
    sources = ("armv7_neon/ew_depthwise_s8__armv7_neon.c",)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, DepthwiseS8)
        turned = along_rows(contract)
        packed = pack_channels(turned, list(channel_blocks(turned)))
        return [KernelCall(self.symbol, "ew_conv_s8_t", conv_fields(turned, packed, 0, 0))]

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, DepthwiseS8)
        turned = along_rows(contract)
        out_h, out_w, channels = turned.out_shape
        taps, pieces = even_taps(turned).shape[1], max(len(channel_blocks(turned)), channels / LANES)
        return float(out_h * (out_w * pieces * (3.4 * taps + 16) + 20 * pieces + 60))
