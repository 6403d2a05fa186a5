"""Depthwise convolutions of any window, and of the whole input, on Armv8.1-M with MVE (Cortex-M55, M85)."""

import math

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import DepthwiseS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import conv_fields
from edgewright.kernels.geometry.limits import multiplier_refusal, shift_refusal, whole_refusal
from edgewright.kernels.mve.depthwise import (
    CELL_BYTES,
    CELL_CHANNELS,
    PATTERN_BYTES,
    multiplier_order,
    rows_overlap,
)
from edgewright.kernels.mve.gemm import halved


class DepthwiseKernel(Kernel[DepthwiseS8]):
    """Any window, row by row, each output from as many gathers as its window has vectors."""

    symbol = "ew_depthwise_s8__mve"
    lane = np.int8
    sources = (
        "mve/ew_depthwise_s8__mve.c",
        "mve/ew_depthwise_any_core__mve.S",
        "mve/ew_depthwise_core__mve.S",
        "mve/ew_copy__mve.S",
    )

    def limits(self, contract: DepthwiseS8) -> str | None:
        pad, seen = contract.window.pad[1], seen_columns(contract)
        return (
            f"{pad} columns of padding; supported: less than {seen}" if pad >= seen else shift_refusal(contract.shift)
        )

    def calls(self, contract: DepthwiseS8) -> list[KernelCall]:
        k_h, k_w = contract.window.kernel
        order = multiplier_order(contract)
        planes, vectors = window_vectors(contract)
        words = np.zeros((planes * 4, k_w, order.size), np.int8)
        words[:k_h] = contract.weights[:, :, order]
        patterns = np.zeros((order.size, vectors * PATTERN_BYTES), np.int8)
        patterns[:, : planes * k_w * 4] = (
            words.reshape(planes, 4, k_w, -1).transpose(3, 0, 2, 1).reshape(order.size, -1)
        )
        head = np.frombuffer(np.array([vectors, 0], "<u4").tobytes(), np.int8)
        bias_mult = np.stack([contract.bias[order], halved(contract.mult[order])], axis=1).astype(np.int32)
        weights = Array(np.concatenate([head, patterns.reshape(-1)]), 8)
        fields = conv_fields(contract, weights, Array(bias_mult.reshape(-1), 8), 0)
        return [KernelCall(self.symbol, "ew_conv_s8_t", fields)]

    def scratch_bytes(self, contract: DepthwiseS8) -> int:
        planes, vectors = window_vectors(contract)
        columns = seen_columns(contract) + 3 * contract.window.stride[1]
        return CELL_CHANNELS + 16 * vectors + planes * columns * CELL_BYTES

    def overlap_bytes(self, contract: DepthwiseS8) -> int | None:
        return rows_overlap(contract, 1, copied=False)

    def cost(self, contract: DepthwiseS8) -> float:
        out_h, out_w, out_c = contract.out_shape
        planes, vectors = window_vectors(contract)
        groups = math.ceil(contract.in_shape[2] / CELL_CHANNELS)
        fill = planes * (14 * min(seen_columns(contract), contract.in_shape[1]) + 110) + 90
        return out_h * (groups * fill + out_c * (math.ceil(out_w / 4) * (11 * vectors + 34) + 8)) + 400


class DepthwiseWholeKernel(Kernel[DepthwiseS8]):
    """A window that is the whole input, channels in lanes."""

    symbol = "ew_depthwise_whole_s8__mve"
    lane = np.int8
    sources = ("mve/ew_depthwise_whole_s8__mve.S",)

    def limits(self, contract: DepthwiseS8) -> str | None:
        return shift_refusal(contract.shift) or multiplier_refusal(contract) or whole_refusal(contract)

    def calls(self, contract: DepthwiseS8) -> list[KernelCall]:
        channels = contract.in_shape[2]
        groups = math.ceil(channels / CELL_CHANNELS)
        weights = np.zeros((contract.weights.size // channels, groups * CELL_CHANNELS), np.int8)
        weights[:, :channels] = contract.weights.reshape(-1, channels)
        bias_mult = np.zeros((2, groups * CELL_CHANNELS), np.int32)
        bias_mult[:, :channels] = contract.bias, halved(contract.mult)
        widened = bias_mult.reshape(2, groups, 4, 4).transpose(1, 0, 3, 2)[:, :, [0, 2, 1, 3]]
        packed = weights.reshape(-1, groups, CELL_CHANNELS).transpose(1, 0, 2).reshape(-1)
        fields = conv_fields(contract, Array(packed, 8), Array(widened.reshape(-1), 8), 0)
        return [KernelCall(self.symbol, "ew_conv_s8_t", fields)]

    def cost(self, contract: DepthwiseS8) -> float:
        taps = contract.weights.size // contract.in_shape[2]
        return math.ceil(contract.in_shape[2] / CELL_CHANNELS) * (11.5 * taps + 35) + 30


def window_vectors(c: DepthwiseS8) -> tuple[int, int]:
    """Planes of cells under a window, four kernel rows each, and vectors of four words in a window."""
    planes = math.ceil(c.window.kernel[0] / 4)
    return planes, math.ceil(planes * c.window.kernel[1] / 4)


def seen_columns(c: DepthwiseS8) -> int:
    """Columns that an output row sees, padding included."""
    return c.window.reach(*c.out_shape[:2])[1]
