"""Sums, products and tables of whole vectors on base NEON."""

import math

from edgewright.contracts.elementwise import AddS8, LutS8, MulS8
from edgewright.kernels.c import elementwise as portable


class AddKernel(portable.AddKernel):
    """A sum of two values of one shape."""

    symbol = "ew_add_s8__neon"
    isa = "neon"
    sources = ("neon/ew_add_s8__neon.c",)

    def cost(self, contract: AddS8) -> float:
        return 2.6 * math.prod(contract.out_shape) + 60


class MulKernel(portable.MulKernel):
    """A product of two values of one shape."""

    symbol = "ew_mul_s8__neon"
    isa = "neon"
    sources = ("neon/ew_mul_s8__neon.c",)

    def cost(self, contract: MulS8) -> float:
        return 2.2 * math.prod(contract.out_shape) + 60


class LutKernel(portable.LutKernel):
    """Any table, sixteen look-ups at a time."""

    symbol = "ew_lut_s8__neon"
    isa = "neon"
    sources = ("neon/ew_lut_s8__neon.c",)
    table_align = 16

    def cost(self, contract: LutS8) -> float:
        return 1.0 * contract.n + 40
