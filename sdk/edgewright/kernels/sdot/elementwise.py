"""Sums of two values with SQRDMLAH, which every core with SDOT has."""

from edgewright.contracts.elementwise import AddS8
from edgewright.kernels.c import elementwise as portable

#: The multipliers stand 2^7 higher in int32. Upper halves are taken first: the shift is at least 16.
MULT_LIMIT, LEAST_SHIFT = 2**24, 16


class AddKernel(portable.AddKernel):
    """A sum of two values of one shape, with multipliers below 2^24."""

    symbol = "ew_add_s8__sdot"
    sources = ("sdot/ew_add_s8__sdot.c", "sdot/ew_add_core__sdot.S")
    instructions = (1.88, 150.0)

    def limits(self, contract: AddS8) -> str | None:
        largest = max(abs(contract.a_mult), abs(contract.b_mult))
        if largest >= MULT_LIMIT or contract.shift < LEAST_SHIFT:
            return f"multipliers up to {largest}, shift {contract.shift}; supported: below 2^24, {LEAST_SHIFT} and more"
        reach = abs(contract.offset) + 128 * (abs(contract.a_mult) + abs(contract.b_mult))
        if reach >= 2**31:
            return f"partial sums up to {reach}; supported: int32"
        return super().limits(contract)
