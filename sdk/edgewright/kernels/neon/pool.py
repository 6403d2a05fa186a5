"""Pooling and sums over rows on base NEON: channels in lanes."""

import math

from edgewright.contracts.pool import AvgPoolS8, MaxPoolS8, ReduceSumS8
from edgewright.kernels.advsimd.packing import lane_blocks
from edgewright.kernels.c import pool as portable

LANES = 8
#: Positions whose sum an int16 lane holds. Bounds: 255 * 128 < 2^15.
MOST_POSITIONS = 255


def channels_refusal(channels: int) -> str | None:
    return f"{channels} channels; supported: {LANES} and more" if channels < LANES else None


def pool_cost(c: MaxPoolS8 | AvgPoolS8, per_read: float, per_row: float, per_block: float) -> float:
    """Counted, of windows that do not leave the input: reads and rows of blocks of 8 or 16 channels."""
    k_h, k_w = c.window.kernel
    blocks = math.prod(c.out_shape[:2]) * len(lane_blocks(c.in_shape[2]))
    return blocks * (per_block + k_h * (per_row + k_w * per_read))


class MaxPoolKernel(portable.MaxPoolKernel):
    """Maximum pooling of 8 and more channels."""

    symbol = "ew_max_pool_s8__neon"
    sources = ("neon/ew_max_pool_s8__neon.c",)

    def overlap_bytes(self, contract: MaxPoolS8) -> int | None:
        return None

    def limits(self, contract: MaxPoolS8) -> str | None:
        return channels_refusal(contract.in_shape[2])

    def cost(self, contract: MaxPoolS8) -> float:
        return pool_cost(contract, 6.2, 0.0, 18.0) + 50 * math.prod(contract.out_shape[:2])


class AvgPoolKernel(portable.AvgPoolKernel):
    """Average pooling of 8 and more channels, over 255 positions at the most."""

    symbol = "ew_avg_pool_s8__neon"
    sources = ("neon/ew_avg_pool_s8__neon.c",)

    def overlap_bytes(self, contract: AvgPoolS8) -> int | None:
        return None

    def limits(self, contract: AvgPoolS8) -> str | None:
        positions = contract.window.kernel[0] * contract.window.kernel[1]
        if positions > MOST_POSITIONS:
            return f"a window of {positions} positions; supported: {MOST_POSITIONS}"
        return channels_refusal(contract.in_shape[2])

    def cost(self, contract: AvgPoolS8) -> float:
        return (
            pool_cost(contract, 4.2, 13.5, 8.0) + 45 * math.prod(contract.out_shape[:2]) + 430 * contract.out_shape[0]
        )


class ReduceSumKernel(portable.ReduceSumKernel):
    """Sum or mean over rows of 8 and more columns."""

    symbol = "ew_reduce_sum_s8__neon"
    sources = ("neon/ew_reduce_sum_s8__neon.c",)

    def scratch_bytes(self, contract: ReduceSumS8) -> int:
        return 0

    def limits(self, contract: ReduceSumS8) -> str | None:
        return f"rows of {contract.inner}; supported: {LANES} and more" if contract.inner < LANES else None

    def cost(self, contract: ReduceSumS8) -> float:
        return 24 + contract.outer * (11 + len(lane_blocks(contract.inner)) * (56 + 6 * contract.n))
