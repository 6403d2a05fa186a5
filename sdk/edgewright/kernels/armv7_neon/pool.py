"""Sums over rows on Armv7 NEON; eight lanes."""

from edgewright.contracts.pool import ReduceSumS8
from edgewright.kernels.neon import pool as neon


class ReduceSumKernel(neon.ReduceSumKernel):
    """Sum or mean over rows of 8 and more columns."""

    symbol = "ew_reduce_sum_s8__armv7_neon"
    sources = ("armv7_neon/ew_reduce_sum_s8__armv7_neon.c",)

    def cost(self, contract: ReduceSumS8) -> float:
        return 23 + contract.outer * (13 + -(-contract.inner // 8) * (48 + 5.0 * contract.n))
