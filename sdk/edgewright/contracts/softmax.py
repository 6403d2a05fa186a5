"""Softmax and its logarithm through an integer table of exponentials."""

import math
from dataclasses import dataclass

import numpy as np

from edgewright.contracts.base import Contract


@dataclass(frozen=True, eq=False)
class SoftmaxS8(Contract):
    """Softmax along the middle of [outer, n, inner], `ew_softmax_s8`.

    exp_table uint16 [256]: exp_table[d] = round(2^16 * exp(-d * x_scale)), at most 65,535.
    y = clamp(y_zero + (e * y_levels + sum / 2) / sum), all unsigned 32-bit.
    """

    exp_table: np.ndarray
    outer: int
    n: int
    inner: int
    y_levels: int
    y_zero: int
    out_shape: tuple[int, ...]

    @property
    def in_place(self) -> tuple[int, ...]:
        return (0,)

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        view = x.reshape(self.outer, self.n, self.inner).astype(np.int64)
        e = self.exp_table.astype(np.int64)[view.max(axis=1, keepdims=True) - view]
        total = e.sum(axis=1, keepdims=True)
        y: np.ndarray = (e * self.y_levels + total // 2) // total + self.y_zero
        return y.clip(-128, 127).astype(np.int8).reshape(self.out_shape)


@dataclass(frozen=True, eq=False)
class LogSoftmaxS8(Contract):
    """Log-softmax along the middle of [outer, n, inner], `ew_log_softmax_s8`.

    y = y_zero - (((max - x) * x_mult + log) >> shift) rounded, where log is the logarithm of the sum of
    `exp_table` (as in `SoftmaxS8`) in the same fixed point.
    """

    exp_table: np.ndarray
    outer: int
    n: int
    inner: int
    x_mult: int
    log_mult: int
    shift: int
    y_zero: int
    out_shape: tuple[int, ...]

    @classmethod
    def from_scales(
        cls,
        *,
        x_scale: float,
        y_scale: float,
        y_zero: int,
        outer: int,
        n: int,
        inner: int,
        out_shape: tuple[int, ...],
    ) -> "LogSoftmaxS8":
        """The contract of a float log-softmax.

        Raises:
            ValueError: n is above 65,536, or the output scale is below 2^-23 of what the result can span.
        """
        largest = (255 * x_scale + 17 * math.log(2)) / y_scale  # what the shifted sum must hold, in output steps
        shift = min(30, 30 - math.ceil(math.log2(largest + 1)))
        if n > 65_536 or shift < 1:
            raise ValueError(
                f"log-softmax of {n:,} values (limit 65,536) spanning {largest:g} output steps (limit 2^29)"
            )
        x_mult, log_mult = round(x_scale / y_scale * 2**shift), round(math.log(2) / y_scale * 2**shift)
        return cls(exp_table(x_scale), outer, n, inner, x_mult, log_mult, shift, y_zero, out_shape)

    @property
    def in_place(self) -> tuple[int, ...]:
        return (0,)

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        view = x.reshape(self.outer, self.n, self.inner).astype(np.int64)
        below = view.max(axis=1, keepdims=True) - view
        total = self.exp_table.astype(np.int64)[below].sum(axis=1, keepdims=True)
        log = ((log2_q16(total) - 2**20) * self.log_mult + 2**15) >> 16
        steps = (below * self.x_mult + log + 2 ** (self.shift - 1)) >> self.shift
        y: np.ndarray = (self.y_zero - steps).clip(-128, 127).astype(np.int8).reshape(self.out_shape)
        return y


def exp_table(x_scale: float) -> np.ndarray:
    """uint16 [256]: round(2^16 * exp(-d * x_scale)), at most 65,535."""
    exact: np.ndarray = np.rint(2.0**16 * np.exp(-np.arange(256) * x_scale))
    return exact.clip(0, 65_535).astype(np.uint16)


def log2_q16(v: np.ndarray) -> np.ndarray:
    """2^16 * log2(v) of int64 values in [1, 2^32): normalise, then one bit for each squaring, rounded down."""
    whole: np.ndarray = np.frexp(v.astype(np.float64))[1] - 1
    mantissa = v << (31 - whole)
    fraction = np.zeros_like(v)
    for _ in range(16):
        square = (mantissa.astype(np.uint64) * mantissa.astype(np.uint64)) >> np.uint64(31)
        carry = (square >= 2**32).astype(np.int64)
        mantissa = square.astype(np.int64) >> carry
        fraction = 2 * fraction + carry
    y: np.ndarray = whole * 2**16 + fraction
    return y
