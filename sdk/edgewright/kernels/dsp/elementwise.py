"""Element-wise kernels by the DSP instructions of Armv6, Armv7E-M and Armv8-M."""

import math

from edgewright.contracts.elementwise import AddS8, MulS8
from edgewright.kernels.c import elementwise as portable
from edgewright.kernels.c.elementwise import broadcast_dims
from edgewright.kernels.geometry.limits import shift_refusal

ADD_SOURCES = ("dsp/ew_add_row__dsp.S", "dsp/ew_clamp__dsp.c")
MUL_SOURCES = ("dsp/ew_mul_row__dsp.S", "dsp/ew_clamp__dsp.c")


class AddKernel(portable.AddKernel):
    """A sum of two values of one shape."""

    symbol = "ew_add_s8__dsp"
    sources = ("dsp/ew_add_s8__dsp.c", *ADD_SOURCES)
    instructions = (7.5, 60.0)


class AddBroadcastKernel(portable.AddBroadcastKernel):
    """A sum with broadcasting."""

    symbol = "ew_add_broadcast_s8__dsp"
    sources = ("dsp/ew_add_broadcast_s8__dsp.c", "dsp/ew_bytes__dsp.c", *ADD_SOURCES)

    def cost(self, contract: AddS8) -> float:
        return row_instructions(contract, 7.5)


class MulKernel(portable.MulKernel):
    """A product of two values of one shape."""

    symbol = "ew_mul_s8__dsp"
    sources = ("dsp/ew_mul_s8__dsp.c", *MUL_SOURCES)
    instructions = (8.5, 60.0)

    def limits(self, contract: MulS8) -> str | None:
        return shift_refusal(contract.shift) or super().limits(contract)


class MulBroadcastKernel(portable.MulBroadcastKernel):
    """A product with broadcasting."""

    symbol = "ew_mul_broadcast_s8__dsp"
    sources = ("dsp/ew_mul_broadcast_s8__dsp.c", "dsp/ew_bytes__dsp.c", *MUL_SOURCES)

    def limits(self, contract: MulS8) -> str | None:
        return shift_refusal(contract.shift) or super().limits(contract)

    def cost(self, contract: MulS8) -> float:
        return row_instructions(contract, 8.5)


class LutKernel(portable.LutKernel):
    """A table of 256 values."""

    symbol = "ew_lut_s8__dsp"
    sources = ("dsp/ew_lut_s8__dsp.c", "dsp/ew_lut_row__dsp.S")
    instructions = (3.5, 15.0)


def row_instructions(c: AddS8 | MulS8, per_element: float) -> float:
    """With broadcasting; the walk from row to row costs about 50."""
    elements = math.prod(c.out_shape)
    return 100 + per_element * elements + 50.0 * elements / broadcast_dims(c)[0][-1]
