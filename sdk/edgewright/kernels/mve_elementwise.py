"""Element-wise kernels on Armv8.1-M with MVE (Cortex-M55, M85)."""

import math

from edgewright.contracts import Contract
from edgewright.contracts.elementwise import AddS8, LutS8, MulS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.elementwise import (
    Lut,
    add_fields,
    broadcast_dims,
    broadcast_fields,
    mul_fields,
    rank_refusal,
    shape_refusal,
)

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


class AddRowsMve(Kernel):
    """A sum of which whole rows of an operand repeat."""

    contract = AddS8
    symbol = "ew_add_rows_s8__mve"
    isa = "mve"
    sources = ("mve/ew_add_rows_s8__mve.c", *AddMve.sources)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, AddS8)
        if contract.shift > ADD_SHIFT_MAX:
            return f"a shift of {contract.shift}; supported: {ADD_SHIFT_MAX}"
        return rows_refusal(contract)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, AddS8)
        fields = {"add": add_fields(contract), "shape": broadcast_fields(contract)}
        return [KernelCall(self.symbol, "ew_add_broadcast_s8_t", fields, inputs=(0, 1))]

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, AddS8)
        rows, row = rows_of(contract)
        return rows * (1.7 * row + 110) + 60


class MulRowsMve(Kernel):
    """A product of which whole rows of an operand repeat."""

    contract = MulS8
    symbol = "ew_mul_rows_s8__mve"
    isa = "mve"
    sources = ("mve/ew_mul_rows_s8__mve.c", *MulMve.sources)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, MulS8)
        return rows_refusal(contract)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, MulS8)
        fields = {"mul": mul_fields(contract), "shape": broadcast_fields(contract)}
        return [KernelCall(self.symbol, "ew_mul_broadcast_s8_t", fields, inputs=(0, 1))]

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, MulS8)
        rows, row = rows_of(contract)
        return rows * (2.0 * row + 60) + 60


def rows_of(c: AddS8 | MulS8) -> tuple[int, int]:
    """Number and length of the rows that a broadcasting body takes."""
    row = broadcast_dims(c)[0][-1]
    return math.prod(c.out_shape) // row, row


def rows_refusal(c: AddS8 | MulS8) -> str | None:
    """Why an operation with broadcasting does not go row by row."""
    dims, strides = broadcast_dims(c)
    if any(s[-1] != 1 for s in strides):
        return "single values repeat"
    if dims[-1] < 8:
        return f"rows of {dims[-1]}; supported: 8 and more"
    return rank_refusal(c)


class LutMve(Lut):
    """Any function of one value, by table."""

    symbol = "ew_lut_s8__mve"
    isa = "mve"
    sources = ("mve/ew_lut_s8__mve.S",)

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, LutS8)
        return 0.32 * contract.n + 15
