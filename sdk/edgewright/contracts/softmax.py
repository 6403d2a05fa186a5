"""Softmax through an integer table of exponentials."""

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

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        view = x.reshape(self.outer, self.n, self.inner).astype(np.int64)
        e = self.exp_table.astype(np.int64)[view.max(axis=1, keepdims=True) - view]
        total = e.sum(axis=1, keepdims=True)
        y = (e * self.y_levels + total // 2) // total + self.y_zero
        return np.clip(y, -128, 127).astype(np.int8).reshape(self.out_shape)
