"""Depthwise convolutions on Armv6-M (Cortex-M0, M0+)."""

import math

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import DepthwiseS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import conv_fields
from edgewright.kernels.geometry.inside import found_pixels
from edgewright.kernels.geometry.limits import multiplier_refusal
from edgewright.kernels.geometry.overlap import overlap_bytes, stepped
from edgewright.kernels.thumb1.packing import interleaved, output_refusal


class DepthwiseKernel(Kernel[DepthwiseS8]):
    """Any depthwise convolution without channel multiplier, one position at a time through pointers to its taps.

    bias holds {bias, mult} of each channel; weights as in portable C.
    """

    symbol = "ew_depthwise_s8__thumb1"
    lane = np.int8
    sources = ("thumb1/ew_depthwise_s8__thumb1.c", "thumb1/ew_depthwise_px1__thumb1.S")

    def limits(self, contract: DepthwiseS8) -> str | None:
        return multiplier_refusal(contract) or output_refusal(contract)

    def calls(self, contract: DepthwiseS8) -> list[KernelCall]:
        weights = Array(np.ascontiguousarray(contract.weights).reshape(-1))
        fields = conv_fields(contract, weights, Array(interleaved(contract)), 0)
        return [KernelCall(self.symbol, "ew_conv_s8_t", fields)]

    def scratch_bytes(self, contract: DepthwiseS8) -> int:
        taps = contract.window.kernel[0] * contract.window.kernel[1]
        return 8 * taps + contract.in_shape[2]

    def overlap_bytes(self, contract: DepthwiseS8) -> int | None:
        positions = stepped(contract.out_shape[0] * contract.out_shape[1], 1)
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, positions, copied=False)

    def cost(self, contract: DepthwiseS8) -> float:
        """Counted: nine taps are unrolled, others are a loop of pairs; they are found anew at the padding."""
        pixels, (k_h, k_w) = math.prod(contract.out_shape[:2]), contract.window.kernel
        found, taps = found_pixels(contract), k_h * k_w
        output = 34.7 + 3.96 * taps + (0.0 if taps == 9 else 2.5 * (taps // 2))
        moved = 17.4 * taps * (pixels - found) + found * (23 * taps + 46 * k_h)
        return 580 + output * pixels * contract.out_shape[2] + moved
