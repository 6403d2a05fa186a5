"""The multipliers of a sum of two scaled values."""


def sum_multipliers(a_real: float, b_real: float, a_zero: int, b_zero: int, y_zero: int) -> tuple[int, int, int, int]:
    """a_mult, b_mult, offset, shift of `ew_add_s8_t` with the largest shift that int32 allows.

    Bounds: 128 * (|a_mult| + |b_mult|) + |offset| < 2^31 is checked for the shift that is returned.

    Raises:
        OverflowError: no shift is small enough.
    """
    for shift in range(24, 0, -1):
        a_mult, b_mult = round(a_real * 2**shift), round(b_real * 2**shift)
        offset = (y_zero << shift) - a_zero * a_mult - b_zero * b_mult + (1 << (shift - 1))
        if 128 * (abs(a_mult) + abs(b_mult)) + abs(offset) < 2**31:
            return a_mult, b_mult, offset, shift
    raise OverflowError(f"sum of operands scaled by {a_real:g} and {b_real:g} does not fit int32")
