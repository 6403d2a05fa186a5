"""Convolution kernels in portable C: plain, depthwise, transposed."""

from typing import TypeVar

import numpy as np

from edgewright.cgen import Array, Fields
from edgewright.contracts.conv import Convolution, ConvS8, ConvTransposeS8, DepthwiseS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.geometry.inside import found_pixels
from edgewright.kernels.geometry.overlap import overlap_bytes, row_pairs, stepped

#: An upper bound for all targets.
POINTER_BYTES = 8
AnyConv = TypeVar("AnyConv", bound=Convolution)


def conv_fields(c: Convolution, weights: Array, bias: Array | int, mult: Array | int) -> Fields:
    """The `ew_conv_s8_t` of a convolution; bias and mult are 0 when the packing of `weights` holds them."""
    return {
        "w": weights,
        "bias": bias,
        "mult": mult,
        **dict(zip(("in_h", "in_w", "in_c"), c.in_shape, strict=True)),
        **dict(zip(("out_h", "out_w", "out_c"), c.out_shape, strict=True)),
        **dict(zip(("k_h", "k_w"), c.window.kernel, strict=True)),
        "groups": c.groups if isinstance(c, ConvS8) else (c.in_shape[2] if isinstance(c, DepthwiseS8) else 1),
        **dict(zip(("pad_top", "pad_left"), c.window.pad, strict=True)),
        **dict(zip(("stride_h", "stride_w"), c.window.stride, strict=True)),
        **dict(zip(("dilation_h", "dilation_w"), c.window.dilation, strict=True)),
        "shift": c.shift,
        "x_zero": c.x_zero,
        "y_zero": c.y_zero,
        "act_min": c.act_min,
        "act_max": c.act_max,
    }


def packed_call(symbol: str, c: Convolution, weights: Array) -> list[KernelCall]:
    """The call of a body whose packed weights hold bias and mult."""
    return [KernelCall(symbol, "ew_conv_s8_t", conv_fields(c, weights, 0, 0))]


class _PortableConv(Kernel[AnyConv]):
    """Weights in the contract's own order."""

    def calls(self, contract: AnyConv) -> list[KernelCall]:
        weights = Array(np.ascontiguousarray(contract.weights).reshape(-1))
        fields = conv_fields(contract, weights, Array(contract.bias), Array(contract.mult))
        return [KernelCall(self.symbol, "ew_conv_s8_t", fields)]


class ConvKernel(_PortableConv[ConvS8]):
    """Any convolution, two positions and two outputs at a time."""

    symbol = "ew_conv_s8"
    sources = ("c/ew_conv_s8.c",)
    lane = np.int8

    def scratch_bytes(self, contract: ConvS8) -> int:
        return 0 if contract.sees_one_position else 2 * contract.weights[0].size

    def overlap_bytes(self, contract: ConvS8) -> int | None:
        # A copied window holds one group only.
        copied = contract.groups == 1 and not contract.sees_one_position
        pairs = row_pairs(contract.out_shape)
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, pairs, copied=copied)

    def cost(self, contract: ConvS8) -> float:
        """Counted: two pixels times two outputs at a time, in windows that are copied byte by byte."""
        (out_h, out_w, out_c), (k_h, k_w) = contract.out_shape, contract.window.kernel
        groups, depth = contract.groups, contract.weights[0].size
        pairs = out_h * -(-out_w // 2) * groups
        outputs = 4 * pairs * -(-(out_c // groups) // 2)
        copies = 0.0
        if not contract.sees_one_position:
            copies = out_h * out_w * groups * (3.64 * depth + 25.5 * k_h * k_w + 34 * k_h)
        return float(290 + 126 * pairs + outputs * (27 + 2.5 * depth) + copies)


class DepthwiseKernel(_PortableConv[DepthwiseS8]):
    """Any depthwise convolution, four channels at a time."""

    symbol = "ew_depthwise_s8"
    sources = ("c/ew_depthwise_s8.c",)
    lane = np.int8

    def scratch_bytes(self, contract: DepthwiseS8) -> int:
        taps = contract.window.kernel[0] * contract.window.kernel[1]
        return taps * POINTER_BYTES + contract.in_shape[2]

    def overlap_bytes(self, contract: DepthwiseS8) -> int | None:
        positions = stepped(contract.out_shape[0] * contract.out_shape[1], 1)
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, positions, copied=False)

    def cost(self, contract: DepthwiseS8) -> float:
        """Counted: fours of channels without a multiplier, else one by one; taps are found anew at the padding."""
        (out_h, out_w, out_c), (k_h, k_w) = contract.out_shape, contract.window.kernel
        fours = out_c // 4 if out_c == contract.in_shape[2] else 0
        channels = fours * (89 + 19 * k_h * k_w) + (out_c - 4 * fours) * (1 + 10.1 * k_h * k_w)
        found = found_pixels(contract) * (34 + 1.7 * k_h * k_w + 27.6 * k_h)
        return 480 + out_h * out_w * (153 + channels) + found


class ConvTransposeKernel(_PortableConv[ConvTransposeS8]):
    """Any transposed convolution without groups."""

    symbol = "ew_conv_transpose_s8"
    sources = ("c/ew_conv_transpose_s8.c",)

    def scratch_bytes(self, contract: ConvTransposeS8) -> int:
        return 2 * POINTER_BYTES * contract.window.kernel[0] * contract.window.kernel[1]

    def cost(self, contract: ConvTransposeS8) -> float:
        """Counted: every output looks for its taps."""
        pixels, taps = (
            contract.out_shape[0] * contract.out_shape[1],
            contract.window.kernel[0] * contract.window.kernel[1],
        )
        return 4.65 * contract.macs + pixels * (84 * contract.out_shape[2] + 23 * taps + 0.057 * contract.weights.size)
