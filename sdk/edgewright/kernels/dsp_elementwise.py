"""Element-wise kernels on Armv7E-M and Armv8-M with the DSP extension."""

import math

from edgewright.contracts import Contract
from edgewright.contracts.elementwise import AddS8, LutS8, MulS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.elementwise import Lut, add_fields, mul_fields, shape_refusal

CLAMP = "dsp/ew_clamp_s8_dsp.c"


class AddDsp(Kernel):
    """A sum of two values of one shape."""

    contract = AddS8
    symbol = "ew_add_s8__dsp"
    isa = "dsp"
    sources = ("dsp/ew_add_s8__dsp.c", "dsp/ew_add_fours_dsp.S", CLAMP)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, AddS8)
        return shape_refusal(contract)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, AddS8)
        return [KernelCall(self.symbol, "ew_add_s8_t", add_fields(contract), inputs=(0, 1))]

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, AddS8)
        return 60 + 7.5 * math.prod(contract.out_shape)


class MulDsp(Kernel):
    """A product of two values of one shape."""

    contract = MulS8
    symbol = "ew_mul_s8__dsp"
    isa = "dsp"
    sources = ("dsp/ew_mul_s8__dsp.c", CLAMP)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, MulS8)
        if contract.shift:
            return f"requantization shift {contract.shift}; supported: 0"
        return shape_refusal(contract)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, MulS8)
        return [KernelCall(self.symbol, "ew_mul_s8_t", mul_fields(contract), inputs=(0, 1))]

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, MulS8)
        return 60 + 10.6 * math.prod(contract.out_shape)


class LutDsp(Lut):
    """A table of 256 values."""

    contract = LutS8
    symbol = "ew_lut_s8__dsp"
    isa = "dsp"
    sources = ("dsp/ew_lut_s8__dsp.c",)
