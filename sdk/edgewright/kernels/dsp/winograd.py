"""Exact integer Winograd convolution F(2x2, 3x3) by the DSP instructions of Armv6, Armv7E-M and Armv8-M."""

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import ConvS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import packed_call
from edgewright.kernels.dsp.packing import k_pairs, weight_words
from edgewright.kernels.geometry.limits import shift_refusal
from edgewright.kernels.geometry.overlap import overlap_bytes, stepped
from edgewright.kernels.geometry.winograd import sum_refusal, window_refusal

#: Sums are 4 times the exact ones, modulo 2^32.
SUM_LIMIT = 2**29
#: 2 G of Lavin and Gray (2016), section 4.1.
TWICE_G = np.array([[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]])


class ConvWinogradKernel(Kernel[ConvS8]):
    """3x3 convolution of stride 1 with 2.25 times fewer products: for time at the price of flash."""

    symbol = "ew_conv_winograd_s8__dsp"
    sources = (
        *("dsp/ew_conv_winograd_s8__dsp.c", "dsp/ew_winograd__dsp.S"),
        *("dsp/ew_bytes__dsp.c", "dsp/ew_clamp__dsp.c"),
    )

    def limits(self, contract: ConvS8) -> str | None:
        if reason := window_refusal(contract):
            return reason
        in_c, out_c = contract.in_shape[2], contract.out_shape[2]
        if in_c % 4 or out_c < 2:
            return f"{in_c} to {out_c} channels; supported: from a multiple of 4, to 2 or more"
        return sum_refusal(contract, SUM_LIMIT) or shift_refusal(contract.shift)

    def calls(self, contract: ConvS8) -> list[KernelCall]:
        return packed_call(self.symbol, contract, Array(winograd_records(contract).reshape(-1)))

    def scratch_bytes(self, contract: ConvS8) -> int:
        return 168 * contract.in_shape[2] + 520

    def overlap_bytes(self, contract: ConvS8) -> int | None:
        (out_h, out_w, _), row_pair = contract.out_shape, 2 * contract.out_shape[1]
        return overlap_bytes(
            contract.window, contract.in_shape, contract.out_shape, stepped(out_h * out_w, row_pair), copied=False
        )

    def cost(self, contract: ConvS8) -> float:
        (out_h, out_w, out_c), kpairs = contract.out_shape, contract.in_shape[2] // 2
        groups = ((out_h + 1) // 2) * ((out_w + 7) // 8)
        products = 16 * (11 * kpairs + 3 * ((kpairs + 6) // 8) + 10) + 20
        return float(groups * (300 + 330 * kpairs + (out_c + 1) // 2 * (products + 640)))


def winograd_records(c: ConvS8) -> np.ndarray:
    """Per pair of output channels: transformed weights, 4 * bias, mult; uint32 [pairs, 32 * kpairs + 4]."""
    out_c, _, _, in_c = c.weights.shape
    transformed = np.einsum("pi,oijc,qj->opqc", TWICE_G, c.weights.astype(np.int64), TWICE_G)
    channels = np.minimum(np.arange((out_c + 1) // 2) * 2, out_c - 2)[:, None] + [0, 1]
    u = transformed.reshape(out_c, 16, in_c)[channels].swapaxes(1, 2)  # [pairs, 16, 2, in_c]
    words = weight_words(u.reshape(-1, 2, in_c), k_pairs(1, in_c), "w16")
    swapped = words.reshape(len(channels), -1, 2)[:, :, ::-1].reshape(len(channels), -1)
    tail = np.concatenate([4 * c.bias.astype(np.int64)[channels], c.mult.astype(np.int64)[channels]], axis=1)
    return np.concatenate([swapped, (tail & 0xFFFFFFFF).astype(np.uint32)], axis=1)
