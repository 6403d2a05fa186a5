"""Sums of two values, and sums over rows, on Armv7 NEON; eight lanes."""

import math

from edgewright.contracts import Contract
from edgewright.contracts.elementwise import AddS8
from edgewright.contracts.pool import ReduceSumS8
from edgewright.kernels.neon_elementwise import NeonAdd
from edgewright.kernels.neon_pool import NeonReduceSum


class Armv7NeonAdd(NeonAdd):
    """A sum of two values of one shape."""

    symbol = "ew_add_s8__armv7_neon"
    isa = "armv7_neon"
    sources = ("armv7_neon/ew_add_s8__armv7_neon.c",)

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, AddS8)
        return 3.4 * math.prod(contract.out_shape) + 60


class Armv7NeonReduceSum(NeonReduceSum):
    """Sum or mean over rows of 8 and more columns."""

    symbol = "ew_reduce_sum_s8__armv7_neon"
    isa = "armv7_neon"
    sources = ("armv7_neon/ew_reduce_sum_s8__armv7_neon.c",)

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, ReduceSumS8)
        return contract.outer * -(-contract.inner // 8) * (5.0 * contract.n + 40)
