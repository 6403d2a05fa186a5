"""Sums, products and tables of whole vectors on base NEON."""

import math

from edgewright.cgen import Array, Fields
from edgewright.contracts import Contract
from edgewright.contracts.elementwise import AddS8, LutS8, MulS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.elementwise import add_fields, mul_fields, shape_refusal


class NeonAdd(Kernel):
    """A sum of two values of one shape."""

    contract = AddS8
    symbol = "ew_add_s8__neon"
    isa = "neon"
    sources = ("neon/ew_add_s8__neon.c",)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, AddS8)
        return shape_refusal(contract)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, AddS8)
        return [KernelCall(self.symbol, "ew_add_s8_t", add_fields(contract), inputs=(0, 1))]

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, AddS8)
        return 2.6 * math.prod(contract.out_shape) + 60


class NeonMul(Kernel):
    """A product of two values of one shape."""

    contract = MulS8
    symbol = "ew_mul_s8__neon"
    isa = "neon"
    sources = ("neon/ew_mul_s8__neon.c",)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, MulS8)
        return shape_refusal(contract)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, MulS8)
        return [KernelCall(self.symbol, "ew_mul_s8_t", mul_fields(contract), inputs=(0, 1))]

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, MulS8)
        return 2.2 * math.prod(contract.out_shape) + 60


class NeonLut(Kernel):
    """Any table, sixteen look-ups at a time."""

    contract = LutS8
    symbol = "ew_lut_s8__neon"
    isa = "neon"
    sources = ("neon/ew_lut_s8__neon.c",)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, LutS8)
        fields: Fields = {"table": Array(contract.table.reshape(-1), 16), "n": contract.n}
        return [KernelCall(self.symbol, "ew_lut_s8_t", fields)]

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, LutS8)
        return 1.0 * contract.n + 40
