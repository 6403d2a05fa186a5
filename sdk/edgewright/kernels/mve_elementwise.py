"""Element-wise kernels on Armv8.1-M with MVE (Cortex-M55, M85)."""

import math

from edgewright.contracts import Contract
from edgewright.contracts.elementwise import AddS8, LutS8, MulS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.elementwise import Lut, add_fields, mul_fields, shape_refusal

#: The largest shift of a sum: its result goes through the top byte of a word.
ADD_SHIFT_MAX = 24


class AddMve(Kernel):
    """A sum of two values of one shape."""

    contract = AddS8
    symbol = "ew_add_s8__mve"
    isa = "mve"
    sources = ("mve/ew_add_s8__mve.S", "mve/ew_copy_s8.S")

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, AddS8)
        if contract.shift > ADD_SHIFT_MAX:
            return f"a shift of {contract.shift}; supported: {ADD_SHIFT_MAX}"
        return shape_refusal(contract)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, AddS8)
        return [KernelCall(self.symbol, "ew_add_s8_t", add_fields(contract), inputs=(0, 1))]

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, AddS8)
        return 1.7 * math.prod(contract.out_shape) + 80


class MulMve(Kernel):
    """A product of two values of one shape."""

    contract = MulS8
    symbol = "ew_mul_s8__mve"
    isa = "mve"
    sources = ("mve/ew_mul_s8__mve.S",)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, MulS8)
        return shape_refusal(contract)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, MulS8)
        return [KernelCall(self.symbol, "ew_mul_s8_t", mul_fields(contract), inputs=(0, 1))]

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
