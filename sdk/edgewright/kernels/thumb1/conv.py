"""Convolutions on Armv6-M (Cortex-M0, M0+)."""

import math

from edgewright.cgen import Array
from edgewright.contracts.conv import ConvS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import conv_fields
from edgewright.kernels.geometry.inside import edge_pixels
from edgewright.kernels.geometry.limits import groups_refusal
from edgewright.kernels.geometry.overlap import overlap_bytes, stepped
from edgewright.kernels.thumb1.packing import output_refusal, output_stream

#: Positions of a block.
LANES = 4


class ConvKernel(Kernel[ConvS8]):
    """Any convolution without groups: the taps of four positions, widened to words, times all outputs."""

    symbol = "ew_conv_s8__thumb1"
    sources = ("thumb1/ew_conv_s8__thumb1.c", "thumb1/ew_gemm_px4__thumb1.S", "thumb1/ew_widen__thumb1.S")

    def limits(self, contract: ConvS8) -> str | None:
        return groups_refusal(contract) or output_refusal(contract)

    def calls(self, contract: ConvS8) -> list[KernelCall]:
        fields = conv_fields(contract, Array(output_stream(contract)), 0, 0)
        return [KernelCall(self.symbol, "ew_conv_s8_t", fields)]

    def scratch_bytes(self, contract: ConvS8) -> int:
        taps = contract.window.kernel[0] * contract.window.kernel[1] * contract.in_shape[2]
        return 16 * (1 + -(-taps // 4) * 4)

    def overlap_bytes(self, contract: ConvS8) -> int | None:
        steps = stepped(contract.out_shape[0] * contract.out_shape[1], LANES)
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, steps, copied=True)

    def cost(self, contract: ConvS8) -> float:
        """Counted: four positions at a time, their taps widened in fours; windows at the padding in pieces."""
        pixels, taps = math.prod(contract.out_shape[:2]), contract.weights[0].size
        outputs = -(-pixels // LANES) * LANES * contract.out_shape[2]
        widened = pixels * (96 + 4.1 * taps)
        if not contract.sees_one_position:
            widened += 38 * pixels * contract.window.kernel[0] + 313 * edge_pixels(contract)
        return float(60 + outputs * (25.6 + 2.6 * (-(-taps // 4) * 4)) + widened)
