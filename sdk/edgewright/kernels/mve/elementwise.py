"""Element-wise kernels on Armv8.1-M with MVE (Cortex-M55, M85)."""

import math

from edgewright.contracts.elementwise import AddS8, MulS8
from edgewright.kernels.c import elementwise as portable
from edgewright.kernels.c.elementwise import broadcast_dims, rank_refusal

#: The largest shift of a sum: its result goes through the top byte of a word.
ADD_SHIFT_MAX = 24


class AddKernel(portable.AddKernel):
    """A sum of two values of one shape."""

    symbol = "ew_add_s8__mve"
    sources = ("mve/ew_add_s8__mve.S", "mve/ew_copy__mve.S")
    instructions = (1.63, 70.0)

    def limits(self, contract: AddS8) -> str | None:
        if contract.shift > ADD_SHIFT_MAX:
            return f"a shift of {contract.shift}; supported: {ADD_SHIFT_MAX}"
        return super().limits(contract)


class MulKernel(portable.MulKernel):
    """A product of two values of one shape."""

    symbol = "ew_mul_s8__mve"
    sources = ("mve/ew_mul_s8__mve.S",)
    instructions = (2.0, 30.0)


class AddRowsKernel(portable.AddBroadcastKernel):
    """A sum of which whole rows of an operand repeat."""

    symbol = "ew_add_rows_s8__mve"
    sources = ("mve/ew_add_rows_s8__mve.c", *AddKernel.sources)

    def limits(self, contract: AddS8) -> str | None:
        if contract.shift > ADD_SHIFT_MAX:
            return f"a shift of {contract.shift}; supported: {ADD_SHIFT_MAX}"
        return rows_refusal(contract)

    def cost(self, contract: AddS8) -> float:
        rows, row = rows_of(contract)
        return rows * (26 * math.ceil(row / 16) + 61) + 66


class MulRowsKernel(portable.MulBroadcastKernel):
    """A product of which whole rows of an operand repeat."""

    symbol = "ew_mul_rows_s8__mve"
    sources = ("mve/ew_mul_rows_s8__mve.c", *MulKernel.sources)

    def limits(self, contract: MulS8) -> str | None:
        return rows_refusal(contract)

    def cost(self, contract: MulS8) -> float:
        rows, row = rows_of(contract)
        return rows * (32 * math.ceil(row / 16) + 42) + 55


def rows_of(c: AddS8 | MulS8) -> tuple[int, int]:
    """Number and length of the rows that a broadcasting body takes."""
    row = broadcast_dims(c)[0][-1]
    return math.prod(c.out_shape) // row, row


def rows_refusal(c: AddS8 | MulS8) -> str | None:
    """Why an operation with broadcasting does not go row by row."""
    dims, strides = broadcast_dims(c)
    if any(s[-1] != 1 for s in strides):
        return f"steps {[s[-1] for s in strides]} along a row; supported: 1"
    if dims[-1] < 8:
        return f"rows of {dims[-1]}; supported: 8 and more"
    return rank_refusal(c)


class LutKernel(portable.LutKernel):
    """Any function of one value, by table."""

    symbol = "ew_lut_s8__mve"
    sources = ("mve/ew_lut_s8__mve.S",)
    instructions = (0.32, 15.0)
