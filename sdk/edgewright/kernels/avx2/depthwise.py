"""Depthwise convolutions on x86-64 with AVX2."""

from edgewright.cgen import Array
from edgewright.contracts.conv import DepthwiseS8
from edgewright.kernels.avx2.packing import depthwise_channels, depthwise_weights
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import POINTER_BYTES, conv_fields
from edgewright.kernels.geometry.limits import multiplier_refusal, shift_refusal
from edgewright.kernels.geometry.overlap import overlap_bytes, stepped


class DepthwiseKernel(Kernel[DepthwiseS8]):
    """Any depthwise convolution without channel multiplier: 16 channels at a time, taps in pairs."""

    symbol = "ew_depthwise_s8__avx2"
    sources = ("avx2/ew_depthwise_s8__avx2.c",)

    def limits(self, contract: DepthwiseS8) -> str | None:
        return multiplier_refusal(contract) or shift_refusal(contract.shift)

    def calls(self, contract: DepthwiseS8) -> list[KernelCall]:
        bias, mult = Array(depthwise_channels(contract.bias)), Array(depthwise_channels(contract.mult))
        weights = Array(depthwise_weights(contract.weights), 32)
        return [KernelCall(self.symbol, "ew_conv_s8_t", conv_fields(contract, weights, bias, mult))]

    def scratch_bytes(self, contract: DepthwiseS8) -> int:
        taps = contract.window.kernel[0] * contract.window.kernel[1]
        return (taps + taps % 2) * POINTER_BYTES + contract.in_shape[2]

    def overlap_bytes(self, contract: DepthwiseS8) -> int | None:
        positions = stepped(contract.out_shape[0] * contract.out_shape[1], 1)
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, positions, copied=False)
