"""Depthwise convolutions on Armv8.1-M with MVE (Cortex-M55, M85)."""

import math
from abc import abstractmethod

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts import Contract
from edgewright.contracts.conv import DepthwiseS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.conv import conv_fields
from edgewright.kernels.mve_gemm import halved

CELL_BYTES = 64
CELL_CHANNELS = 16
PATTERN_BYTES = 16


class _StripsMve(Kernel):
    """Depthwise of stride 1 through strips of cells, `runtime_c/src/mve/ew_depthwise_core_s8.h`."""

    contract = DepthwiseS8
    isa = "mve"

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, DepthwiseS8)
        window = contract.window
        if contract.shift:
            return "a shift of the accumulator"
        if any(s != 1 and out > 1 for s, out in zip(window.stride, contract.out_shape[:2], strict=True)):
            return "a stride"
        if any(d != 1 and k > 1 for d, k in zip(window.dilation, window.kernel, strict=True)):
            return "dilation"
        if any(pad >= k for pad, k in zip(window.pad, window.kernel, strict=True)):
            return "outputs that see padding only"
        # store offsets within two blocks are 16 bits; 8 positions along or 4 along and 1 across
        if max(8, 4 + contract.out_shape[1]) * contract.out_shape[1] * contract.out_shape[2] >= 2**16:
            return "rows too long for 16-bit offsets"
        return self.window_refusal(contract)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, DepthwiseS8)
        order = multiplier_order(contract)
        patterns = np.stack([self.pattern(contract, contract.weights[:, :, o]) for o in order])
        weights = np.concatenate([np.zeros(8, np.int8), patterns.reshape(-1)])
        bias_mult = np.stack([contract.bias[order], halved(contract.mult[order])], axis=1).astype(np.int32)
        fields = conv_fields(contract, Array(weights, 8), Array(bias_mult.reshape(-1), 8), 0)
        return [KernelCall(self.symbol, "ew_conv_s8_t", fields)]

    @abstractmethod
    def window_refusal(self, c: DepthwiseS8) -> str | None:
        """What this body cannot do about the window."""

    @abstractmethod
    def pattern(self, c: DepthwiseS8, w: np.ndarray) -> np.ndarray:
        """The int8 [16] pattern of one channel's weights [k_h, k_w]."""


class DepthwisePairsMve(_StripsMve):
    """Kernels of at most 3 x 3: blocks of 2 x 2 outputs from patches of 4 x 4."""

    symbol = "ew_depthwise_pairs_s8__mve"
    sources = (
        "mve/ew_depthwise_pairs_s8__mve.c",
        "mve/ew_depthwise_strips_s8.c",
        "mve/ew_depthwise_core_s8.S",
        "mve/ew_copy_s8.S",
    )

    def window_refusal(self, c: DepthwiseS8) -> str | None:
        if max(c.window.kernel) > 3:
            return "a kernel of more than 3 x 3"
        return "a single output row or column" if min(c.out_shape[:2]) < 2 else None

    def pattern(self, c: DepthwiseS8, w: np.ndarray) -> np.ndarray:
        wide = np.zeros((4, 4), np.int8)
        wide[: w.shape[0], : w.shape[1]] = w
        return (wide if is_upright(c) else wide.T).reshape(-1)

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, DepthwiseS8)
        along = max(contract.out_shape[:2])
        return CELL_CHANNELS + (2 * math.ceil(along / 2) + 2) * CELL_BYTES

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, DepthwiseS8)
        along, across = max(contract.out_shape[:2]), min(contract.out_shape[:2])
        groups, strips = math.ceil(contract.in_shape[2] / CELL_CHANNELS), math.ceil(across / 2)
        cells = 15 * along + 230
        return strips * (groups * cells + contract.out_shape[2] * strip_cost(math.ceil(along / 2))) + 200


class DepthwiseLineMve(_StripsMve):
    """Kernels of N x 1 and 1 x N up to 13: blocks of four outputs along the line."""

    symbol = "ew_depthwise_line_s8__mve"
    sources = (
        "mve/ew_depthwise_line_s8__mve.c",
        "mve/ew_depthwise_strips_s8.c",
        "mve/ew_depthwise_core_s8.S",
        "mve/ew_copy_s8.S",
    )

    def window_refusal(self, c: DepthwiseS8) -> str | None:
        if min(c.window.kernel) > 1:
            return "a kernel of two dimensions"
        if line_axes(c)[1] > (c.in_shape[1] if is_line_upright(c) else c.in_shape[0]):
            return "lines that see padding only"
        return "a kernel of more than 13" if max(c.window.kernel) > 13 else None

    def pattern(self, c: DepthwiseS8, w: np.ndarray) -> np.ndarray:
        line = np.zeros(PATTERN_BYTES, np.int8)
        line[: w.size] = w.reshape(-1)
        return line

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, DepthwiseS8)
        return CELL_CHANNELS + (math.ceil(line_axes(contract)[0] / 4) + 3) * CELL_BYTES

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, DepthwiseS8)
        along, across = line_axes(contract)
        groups = math.ceil(contract.in_shape[2] / CELL_CHANNELS)
        cells = 15 * math.ceil((along + max(contract.window.kernel)) / 4) + 400
        return across * (groups * cells + contract.out_shape[2] * strip_cost(math.ceil(along / 4))) + 200


def is_upright(c: DepthwiseS8) -> bool:
    """Whether strips run down the image."""
    return c.out_shape[0] >= c.out_shape[1]


def is_line_upright(c: DepthwiseS8) -> bool:
    """Whether the lines of an N x 1 or 1 x N kernel run down the image."""
    return c.window.kernel[0] > 1 or (c.window.kernel[1] == 1 and is_upright(c))


def line_axes(c: DepthwiseS8) -> tuple[int, int]:
    """Outputs along the lines of an N x 1 or 1 x N kernel, and the number of lines."""
    h, w = c.out_shape[:2]
    return (h, w) if is_line_upright(c) else (w, h)


def multiplier_order(c: DepthwiseS8) -> np.ndarray:
    """Output channels in the order [multiplier][in_c]."""
    return np.arange(c.out_shape[2]).reshape(c.in_shape[2], -1).T.reshape(-1)


def strip_cost(blocks: int) -> float:
    """Instructions of the core for one channel of a strip, counted in the emulator."""
    return 25 * ((blocks - 1) // 2) + (14 if blocks % 2 else 24) + 16
