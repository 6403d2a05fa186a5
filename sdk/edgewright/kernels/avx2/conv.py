"""Convolutions on x86-64 with AVX2."""

import math
from typing import ClassVar

from edgewright.cgen import Array
from edgewright.contracts.conv import ConvS8
from edgewright.kernels.avx2.packing import GEMM_SOURCE, blocked, gemm_weights
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import conv_fields
from edgewright.kernels.geometry.limits import groups_refusal, shift_refusal
from edgewright.kernels.geometry.overlap import overlap_bytes, stepped

#: Positions that the 1x1 kernel widens at a time.
POSITIONS = 32


class ConvKernel(Kernel[ConvS8]):
    """Any convolution without groups: rows widened to int16, four positions times 16 outputs."""

    symbol = "ew_conv_s8__avx2"
    sources: ClassVar[tuple[str, ...]] = ("avx2/ew_conv_s8__avx2.c", GEMM_SOURCE)

    def limits(self, contract: ConvS8) -> str | None:
        return groups_refusal(contract) or shift_refusal(contract.shift)

    def calls(self, contract: ConvS8) -> list[KernelCall]:
        k_h, k_w = contract.window.kernel
        runs = k_h if contract.window.dilation[1] == 1 else k_h * k_w
        weights = gemm_weights(contract.weights.reshape(contract.out_shape[2], runs, -1))
        bias, mult = Array(blocked(contract.bias)), Array(blocked(contract.mult))
        return [KernelCall(self.symbol, "ew_conv_s8_t", conv_fields(contract, Array(weights, 32), bias, mult))]

    def scratch_bytes(self, contract: ConvS8) -> int:
        _, width = contract.window.reach(*contract.out_shape[:2])
        return 2 * (contract.window.kernel[0] * width * contract.in_shape[2] + 1)

    def positions(self, contract: ConvS8) -> int:
        """Positions that are widened together."""
        return contract.out_shape[1]

    def overlap_bytes(self, contract: ConvS8) -> int | None:
        steps = stepped(contract.out_shape[0] * contract.out_shape[1], self.positions(contract))
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, steps, copied=True)

    def cost(self, contract: ConvS8) -> float:
        return 0.16 * contract.macs + 2.0 * math.prod(contract.out_shape)


class Conv1x1Kernel(ConvKernel):
    """1x1 convolutions of stride 1: all positions as one row."""

    symbol = "ew_conv_1x1_s8__avx2"
    sources = ("avx2/ew_conv_1x1_s8__avx2.c", GEMM_SOURCE)

    def limits(self, contract: ConvS8) -> str | None:
        if not contract.sees_one_position or contract.window.stride != (1, 1):
            return "a window of more than one position, or a stride; supported: 1x1, stride 1, no padding"
        return shift_refusal(contract.shift)

    def scratch_bytes(self, contract: ConvS8) -> int:
        return 2 * (POSITIONS * contract.in_shape[2] + 1)

    def positions(self, contract: ConvS8) -> int:
        return POSITIONS

    def cost(self, contract: ConvS8) -> float:
        return 0.15 * contract.macs + 2.0 * math.prod(contract.out_shape)
