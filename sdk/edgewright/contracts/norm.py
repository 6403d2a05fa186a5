"""Layer normalisation in integers."""

import math
from dataclasses import dataclass

import numpy as np

from edgewright.contracts.base import Contract


@dataclass(frozen=True, eq=False)
class LayerNormS8(Contract):
    """Normalisation of each row of [rows, n] to mean 0 and variance 1, then gamma and beta; `ew_layer_norm_s8`.

    gamma_mult int32 [n], any sign; beta int32 [n] in 1/256 of an output step, with y_zero and the rounding
    term; epsilon in units of (x_scale / n)^2 / 2^14, at least 1.
    """

    gamma_mult: np.ndarray
    beta: np.ndarray
    epsilon: int
    rows: int
    n: int
    out_shape: tuple[int, ...]

    @classmethod
    def from_scales(
        cls,
        gamma: np.ndarray,
        beta: np.ndarray,
        epsilon: float,
        *,
        x_scale: float,
        y_scale: float,
        y_zero: int,
        out_shape: tuple[int, ...],
    ) -> "LayerNormS8":
        """The contract of a float layer normalisation along the last axis; gamma, beta float [n].

        Raises:
            ValueError: n is above 65,536, or a factor leaves the range of its fixed-point form.
        """
        n = out_shape[-1]
        gamma_mult = np.rint(gamma.astype(np.float64) / y_scale * 2**20)
        offset = np.rint((beta.astype(np.float64) / y_scale + y_zero) * 256) + 128
        wide_epsilon = max(1, round(epsilon * (n / x_scale) ** 2 * 2**14))
        if n > 65_536:
            raise ValueError(f"layer normalisation of {n:,} elements; the limit is 65,536")
        if np.any(np.abs(gamma_mult) >= 2**31) or np.any(np.abs(offset) >= 2**30) or wide_epsilon >= 2**60:
            raise ValueError("layer normalisation: gamma, beta or epsilon is too large for the output scale")
        rows = math.prod(out_shape[:-1])
        return cls(gamma_mult.astype(np.int32), offset.astype(np.int32), wide_epsilon, rows, n, out_shape)

    @property
    def in_place(self) -> tuple[int, ...]:
        return (0,)

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        view = x.reshape(self.rows, self.n).astype(np.int64)
        total = view.sum(axis=1)
        spread = ((self.n * (view**2).sum(axis=1) - total**2) << 14) + self.epsilon
        deviation = self.n * view - total[:, None]
        factors = [reciprocal_root(int(v)) for v in spread]
        mantissa = np.array([m for m, _ in factors], dtype=np.int64)[:, None]
        shift = np.array([s for _, s in factors], dtype=np.int64)[:, None]
        q = (deviation * mantissa + (np.int64(1) << (shift - 1))) >> shift
        acc = ((q * self.gamma_mult.astype(np.int64) + 2**31) >> 32) + self.beta.astype(np.int64)
        y: np.ndarray = (acc >> 8).clip(-128, 127).astype(np.int8).reshape(self.out_shape)
        return y


def reciprocal_root(v: int) -> tuple[int, int]:
    """(mantissa, shift) such that 2^27 * d / sqrt(v) is (d * mantissa) >> shift; 1 <= v < 2^62."""
    k = 0
    while v < 2**60:
        v <<= 2
        k += 1
    return min(2**61 // math.isqrt(v), 2**31 - 1), 34 - k
