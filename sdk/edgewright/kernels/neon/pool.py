"""Pooling and sums over rows on base NEON: channels in lanes."""

from edgewright.contracts.pool import AvgPoolS8, MaxPoolS8, ReduceSumS8
from edgewright.kernels.advsimd.packing import lane_blocks
from edgewright.kernels.c import pool as portable
from edgewright.kernels.c.pool import window_reads

LANES = 8
#: Positions whose sum an int16 lane holds. Bounds: 255 * 128 < 2^15.
MOST_POSITIONS = 255


def channels_refusal(channels: int) -> str | None:
    return f"{channels} channels; supported: {LANES} and more" if channels < LANES else None


def lane_share(channels: int) -> float:
    """Blocks of 16 lanes, a block of 8 counted as half."""
    return sum(map(len, lane_blocks(channels))) / 16


class MaxPoolKernel(portable.MaxPoolKernel):
    """Maximum pooling of 8 and more channels."""

    symbol = "ew_max_pool_s8__neon"
    sources = ("neon/ew_max_pool_s8__neon.c",)

    def overlap_bytes(self, contract: MaxPoolS8) -> int | None:
        return None

    def limits(self, contract: MaxPoolS8) -> str | None:
        return channels_refusal(contract.in_shape[2])

    def cost(self, contract: MaxPoolS8) -> float:
        channels = contract.in_shape[2]
        return 5.0 * window_reads(contract) / channels * lane_share(channels)


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
        channels = contract.in_shape[2]
        return 7.0 * window_reads(contract) / channels * lane_share(channels)


class ReduceSumKernel(portable.ReduceSumKernel):
    """Sum or mean over rows of 8 and more columns."""

    symbol = "ew_reduce_sum_s8__neon"
    sources = ("neon/ew_reduce_sum_s8__neon.c",)

    def scratch_bytes(self, contract: ReduceSumS8) -> int:
        return 0

    def limits(self, contract: ReduceSumS8) -> str | None:
        return f"rows of {contract.inner}; supported: {LANES} and more" if contract.inner < LANES else None

    def cost(self, contract: ReduceSumS8) -> float:
        return contract.outer * lane_share(contract.inner) * (5.5 * contract.n + 40)
