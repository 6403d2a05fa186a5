"""Convolutions and fully connected layers on x86-64 with AVX2."""

import math

from edgewright.cgen import Array
from edgewright.contracts import Contract
from edgewright.contracts.conv import ConvS8, DepthwiseS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels.avx2_packing import (
    blocked,
    depthwise_channels,
    depthwise_weights,
    gemm_weights,
    shift_refusal,
)
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.conv import POINTER_BYTES, conv_fields, sees_one_position
from edgewright.kernels.dense import fc_fields
from edgewright.kernels.overlap import overlap_bytes, stepped

GEMM_SOURCE = "x86/ew_gemm_s8__avx2.c"
#: Positions that the 1x1 kernel widens at a time.
POSITIONS = 32


class ConvAvx2(Kernel):
    """Any convolution without groups: rows widened to int16, four positions times 16 outputs."""

    contract = ConvS8
    symbol = "ew_conv_s8__avx2"
    isa = "avx2"
    sources = ("x86/ew_conv_s8__avx2.c", GEMM_SOURCE)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, ConvS8)
        if contract.groups != 1:
            return f"{contract.groups} groups; supported: 1"
        return shift_refusal(contract)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, ConvS8)
        k_h, k_w = contract.window.kernel
        runs = k_h if contract.window.dilation[1] == 1 else k_h * k_w
        weights = gemm_weights(contract.weights.reshape(contract.out_shape[2], runs, -1))
        bias, mult = Array(blocked(contract.bias)), Array(blocked(contract.mult))
        return [KernelCall(self.symbol, "ew_conv_s8_t", conv_fields(contract, Array(weights, 32), bias, mult))]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, ConvS8)
        window = contract.window
        width = (contract.out_shape[1] - 1) * window.stride[1] + (window.kernel[1] - 1) * window.dilation[1] + 1
        return 2 * (window.kernel[0] * width * contract.in_shape[2] + 1)

    def overlap_bytes(self, contract: Contract) -> int | None:
        assert isinstance(contract, ConvS8)
        out_h, out_w, _ = contract.out_shape
        rows = stepped(out_h * out_w, out_w)
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, rows, copied=True)

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, ConvS8)
        return 0.16 * contract.macs + 2.0 * math.prod(contract.out_shape)


class Conv1x1Avx2(Kernel):
    """1x1 convolutions of stride 1: all positions as one row."""

    contract = ConvS8
    symbol = "ew_conv_1x1_s8__avx2"
    isa = "avx2"
    sources = ("x86/ew_conv_1x1_s8__avx2.c", GEMM_SOURCE)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, ConvS8)
        if not sees_one_position(contract) or contract.window.stride != (1, 1):
            return "a window of more than one position, or a stride; supported: 1x1, stride 1, no padding"
        return shift_refusal(contract)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, ConvS8)
        weights = gemm_weights(contract.weights.reshape(contract.out_shape[2], 1, -1))
        bias, mult = Array(blocked(contract.bias)), Array(blocked(contract.mult))
        return [KernelCall(self.symbol, "ew_conv_s8_t", conv_fields(contract, Array(weights, 32), bias, mult))]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, ConvS8)
        return 2 * (POSITIONS * contract.in_shape[2] + 1)

    def overlap_bytes(self, contract: Contract) -> int | None:
        assert isinstance(contract, ConvS8)
        blocks = stepped(contract.out_shape[0] * contract.out_shape[1], POSITIONS)
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, blocks, copied=True)

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, ConvS8)
        return 0.15 * contract.macs + 2.0 * math.prod(contract.out_shape)


class FcAvx2(Kernel):
    """Any fully connected layer, 16 outputs at a time."""

    contract = FcS8
    symbol = "ew_fc_s8__avx2"
    isa = "avx2"
    sources = ("x86/ew_fc_s8__avx2.c", GEMM_SOURCE)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, FcS8)
        return shift_refusal(contract)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, FcS8)
        weights = Array(gemm_weights(contract.weights[:, None, :]), 32)
        fields = fc_fields(contract, weights, Array(blocked(contract.bias)), Array(blocked(contract.mult)))
        return [KernelCall(self.symbol, "ew_fc_s8_t", fields)]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, FcS8)
        in_features = int(contract.weights.shape[1])
        return 2 * (min(4, contract.rows) * in_features + 1)

    def cost(self, contract: Contract) -> float:
        """A single row uses each weight once that it loads; four share it, as positions of a convolution do."""
        assert isinstance(contract, FcS8)
        return (0.35 if contract.rows == 1 else 0.16) * contract.macs + 5.0 * contract.rows * len(contract.weights)


class DepthwiseAvx2(Kernel):
    """Any depthwise convolution without channel multiplier: 16 channels at a time, taps in pairs."""

    contract = DepthwiseS8
    symbol = "ew_depthwise_s8__avx2"
    isa = "avx2"
    sources = ("x86/ew_depthwise_s8__avx2.c",)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, DepthwiseS8)
        if contract.out_shape[2] != contract.in_shape[2]:
            return f"a channel multiplier of {contract.out_shape[2] // contract.in_shape[2]}; supported: 1"
        return shift_refusal(contract)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, DepthwiseS8)
        bias, mult = Array(depthwise_channels(contract.bias)), Array(depthwise_channels(contract.mult))
        weights = Array(depthwise_weights(contract.weights), 32)
        return [KernelCall(self.symbol, "ew_conv_s8_t", conv_fields(contract, weights, bias, mult))]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, DepthwiseS8)
        taps = contract.window.kernel[0] * contract.window.kernel[1]
        return (taps + taps % 2) * POINTER_BYTES + contract.in_shape[2]

    def overlap_bytes(self, contract: Contract) -> int | None:
        assert isinstance(contract, DepthwiseS8)
        positions = stepped(contract.out_shape[0] * contract.out_shape[1], 1)
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, positions, copied=False)
