"""Element-wise kernels on Armv8.1-M with MVE (Cortex-M55, M85)."""

import math

from edgewright.contracts import Contract
from edgewright.contracts.elementwise import AddS8, LutS8, MulS8
from edgewright.kernels.elementwise import Add, Lut, Mul, shape_refusal

#: The largest shift of a sum: its result goes through the top byte of a word.
ADD_SHIFT_MAX = 24


class AddMve(Add):
    """A sum of two values of one shape."""

    symbol = "ew_add_s8__mve"
    isa = "mve"
    sources = ("mve/ew_add_s8__mve.S", "mve/ew_copy_s8.S")

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, AddS8)
        if contract.shift > ADD_SHIFT_MAX:
            return f"a shift of {contract.shift}; supported: {ADD_SHIFT_MAX}"
        return shape_refusal(contract)

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, AddS8)
        return 1.7 * math.prod(contract.out_shape) + 80


class MulMve(Mul):
    """A product of two values of one shape."""

    symbol = "ew_mul_s8__mve"
    isa = "mve"
    sources = ("mve/ew_mul_s8__mve.S",)

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, MulS8)
        return 2.0 * math.prod(contract.out_shape) + 30


class LutMve(Lut):
    """Any function of one value, by table."""

    symbol = "ew_lut_s8__mve"
    isa = "mve"
    sources = ("mve/ew_lut_s8__mve.S",)

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, LutS8)
        return 0.32 * contract.n + 15
