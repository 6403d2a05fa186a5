"""Element-wise kernels on Armv7E-M and Armv8-M with the DSP extension."""

import math
from dataclasses import replace

from edgewright.contracts import Contract
from edgewright.contracts.elementwise import AddS8, LutS8, MulS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.elementwise import Add, AddBroadcast, Lut, Mul, MulBroadcast, broadcast_dims

ADD_SOURCES = ("dsp/ew_add_row_dsp.S", "dsp/ew_clamp_s8_dsp.c")
MUL_SOURCES = ("dsp/ew_mul_row_dsp.S", "dsp/ew_clamp_s8_dsp.c")


class _Rows(Kernel):
    """The portable kernel `same`, with another body."""

    isa = "dsp"
    same: Kernel

    def refusal(self, contract: Contract) -> str | None:
        if isinstance(contract, MulS8) and contract.shift:
            return f"requantization shift {contract.shift}; supported: 0"
        return self.same.refusal(contract)

    def calls(self, contract: Contract) -> list[KernelCall]:
        return [replace(call, symbol=self.symbol) for call in self.same.calls(contract)]


class AddDsp(_Rows):
    """A sum of two values of one shape."""

    contract = AddS8
    symbol = "ew_add_s8__dsp"
    sources = ("dsp/ew_add_s8__dsp.c", *ADD_SOURCES)
    same = Add()

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, AddS8)
        return 60 + 7.5 * math.prod(contract.out_shape)


class AddBroadcastDsp(_Rows):
    """A sum with broadcasting."""

    contract = AddS8
    symbol = "ew_add_broadcast_s8__dsp"
    sources = ("dsp/ew_add_broadcast_s8__dsp.c", "dsp/ew_bytes_dsp.c", *ADD_SOURCES)
    same = AddBroadcast()

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, AddS8)
        return row_instructions(contract, 7.5)


class MulDsp(_Rows):
    """A product of two values of one shape."""

    contract = MulS8
    symbol = "ew_mul_s8__dsp"
    sources = ("dsp/ew_mul_s8__dsp.c", *MUL_SOURCES)
    same = Mul()

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, MulS8)
        return 60 + 8.5 * math.prod(contract.out_shape)


class MulBroadcastDsp(_Rows):
    """A product with broadcasting."""

    contract = MulS8
    symbol = "ew_mul_broadcast_s8__dsp"
    sources = ("dsp/ew_mul_broadcast_s8__dsp.c", "dsp/ew_bytes_dsp.c", *MUL_SOURCES)
    same = MulBroadcast()

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, MulS8)
        return row_instructions(contract, 8.5)


class LutDsp(_Rows):
    """A table of 256 values."""

    contract = LutS8
    symbol = "ew_lut_s8__dsp"
    sources = ("dsp/ew_lut_s8__dsp.c", "dsp/ew_lut_row_dsp.S")
    same = Lut()


def row_instructions(c: AddS8 | MulS8, per_element: float) -> float:
    """With broadcasting; the walk from row to row costs about 50."""
    elements = math.prod(c.out_shape)
    return 100 + per_element * elements + 50.0 * elements / broadcast_dims(c)[0][-1]
