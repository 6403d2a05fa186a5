"""Sums and average pooling on x86-64 with AVX2."""

import math

from edgewright.contracts import Contract
from edgewright.contracts.elementwise import AddS8
from edgewright.contracts.pool import AvgPoolS8
from edgewright.kernels.avx2_packing import BLOCK
from edgewright.kernels.elementwise import Add
from edgewright.kernels.pool import AvgPool


class AddAvx2(Add):
    """A sum of two values of one shape, 16 at a time."""

    symbol = "ew_add_s8__avx2"
    isa = "avx2"
    sources = ("x86/ew_add_s8__avx2.c",)

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, AddS8)
        return 2.0 * math.prod(contract.out_shape)


class AvgPoolAvx2(AvgPool):
    """Average pooling of 16 channels or more, 16 at a time."""

    symbol = "ew_avg_pool_s8__avx2"
    isa = "avx2"
    sources = ("x86/ew_avg_pool_s8__avx2.c",)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, AvgPoolS8)
        if contract.in_shape[2] < BLOCK:
            return f"{contract.in_shape[2]} channels; supported: {BLOCK} or more"
        return f"a left shift of {contract.shift}; supported: 0" if contract.shift else None
