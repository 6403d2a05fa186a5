"""Sums of two values on Armv7 NEON; eight lanes."""

import math

from edgewright.contracts.elementwise import AddS8
from edgewright.kernels.neon import elementwise as neon


class AddKernel(neon.AddKernel):
    """A sum of two values of one shape."""

    symbol = "ew_add_s8__armv7_neon"
    isa = "armv7_neon"
    sources = ("armv7_neon/ew_add_s8__armv7_neon.c",)

    def cost(self, contract: AddS8) -> float:
        return 3.4 * math.prod(contract.out_shape) + 60
