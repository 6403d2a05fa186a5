"""Requantization: from an int32 accumulator to an int8 output, in integers."""

from dataclasses import dataclass

import numpy as np

INT32_MAX = 2**31 - 1
INT32_MIN = -(2**31)


@dataclass(frozen=True)
class Multiplier:
    """A real factor per channel as fixed point: factor ~ mult * 2^(shift - 32).

    mult: int32 [channels], even, 0 <= mult < 2^31.
    shift: left shift of the accumulator, one for all channels; 0 unless a factor is 0.5 or more.
    """

    mult: np.ndarray
    shift: int


def multiplier(factor: np.ndarray | float) -> Multiplier:
    """The fixed-point form of `factor` (float64 [channels] or scalar, all >= 0 and finite).

    mult = 2 * round(factor * 2^(31 - shift)) with the smallest shift that keeps every factor below 0.5,
    so that SMMLAR (Armv7E-M), VQRDMULH (MVE) and SQRDMULH (NEON, with mult / 2) agree to the bit.

    Raises:
        ValueError: a factor is negative, not finite, or 2^15 or more.
    """
    values = np.atleast_1d(np.asarray(factor, dtype=np.float64))
    if not np.all(np.isfinite(values)) or np.any(values < 0):
        raise ValueError("requantization factors must be finite and not negative")
    shift = 0
    largest = float(values.max(initial=0.0))
    while np.rint(np.ldexp(largest, 31 - shift)) >= 2**30:
        shift += 1
    if shift > 16:
        raise ValueError(f"requantization factor {largest:g} is 2^15 or more")
    return Multiplier((2 * np.rint(np.ldexp(values, 31 - shift))).astype(np.int32), shift)


def saturating_shift_left(acc: np.ndarray, shift: int) -> np.ndarray:
    """`acc << shift`, saturated to int32; int64 in and out."""
    return np.clip(np.left_shift(acc.astype(np.int64), shift), INT32_MIN, INT32_MAX)


def requantize(
    acc: np.ndarray, mult: np.ndarray | int, shift: int, zero: int, act_min: int = -128, act_max: int = 127
) -> np.ndarray:
    """int8 outputs of int32 accumulators: clamp(zero + ((sat(acc << shift) * mult + 2^31) >> 32)).

    acc: int64 holding int32 values, any shape whose last axis matches `mult` when that is an array.

    Raises:
        OverflowError: an accumulator is outside int32 (the proof of no overflow was wrong).
    """
    wide = acc.astype(np.int64)
    if wide.size and (wide.max() > INT32_MAX or wide.min() < INT32_MIN):
        raise OverflowError(f"accumulator {int(wide.max())} or {int(wide.min())} is outside int32")
    scaled = (saturating_shift_left(wide, shift) * np.asarray(mult, dtype=np.int64) + (1 << 31)) >> 32
    clipped: np.ndarray = np.clip(scaled + zero, act_min, act_max).astype(np.int8)
    return clipped
