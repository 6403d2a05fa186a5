"""Pooling and sums over rows on Armv8.1-M with MVE (Cortex-M55, M85): channels in lanes."""

import math

from edgewright.contracts.pool import AvgPoolS8, MaxPoolS8, ReduceSumS8
from edgewright.kernels.c import pool as portable

CORE = "mve/ew_pool_core__mve.S"


class MaxPoolKernel(portable.MaxPoolKernel):
    """Any maximum pooling, 16 channels at a time."""

    symbol = "ew_max_pool_s8__mve"
    sources = ("mve/ew_max_pool_s8__mve.c", CORE)

    def cost(self, contract: MaxPoolS8) -> float:
        rows, cols = contract.window.kernel
        return pool_cost(contract, 16, rows * 5 * cols + 15.6) + 120 * contract.out_shape[0]


class AvgPoolKernel(portable.AvgPoolKernel):
    """Any average pooling, 8 channels at a time."""

    symbol = "ew_avg_pool_s8__mve"
    sources = ("mve/ew_avg_pool_s8__mve.c", CORE)

    def cost(self, contract: AvgPoolS8) -> float:
        rows, cols = contract.window.kernel
        if cols == contract.in_shape[1] and contract.window.dilation == (1, 1):
            rows, cols = 1, rows * cols
        return pool_cost(contract, 8, rows * (5 * cols + 13) + 24) + 75


class ReduceSumKernel(portable.ReduceSumKernel):
    """Any sum or mean along adjacent axes, 8 of what remains at a time."""

    symbol = "ew_reduce_sum_s8__mve"
    sources = ("mve/ew_reduce_sum_s8__mve.c", CORE)

    def scratch_bytes(self, contract: ReduceSumS8) -> int:
        return 0

    def cost(self, contract: ReduceSumS8) -> float:
        return contract.outer * (40 + math.ceil(contract.inner / 8) * (5 * contract.n + 35)) + 60.0


def pool_cost(c: MaxPoolS8 | AvgPoolS8, lanes: int, turn: float) -> float:
    """Instructions of a pooling layer that takes `turn` of them for `lanes` channels of an output position."""
    position = 94 if lanes == 8 else 62
    return c.out_shape[0] * c.out_shape[1] * (position + math.ceil(c.in_shape[2] / lanes) * turn) + 60.0
