"""Fully connected layers and the product of two activations."""

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.base import Contract
from edgewright.contracts.conv import exact_matmul
from edgewright.numerics import requantize


@dataclass(frozen=True, eq=False)
class FcS8(Contract):
    """Fully connected, `ew_fc_s8`.

    weights int8 [out_features, in_features]; bias int32 [out_features], holds -x_zero * sum(weights);
    mult int32 [out_features]. x has rows * in_features elements, y is `out_shape`.
    """

    weights: np.ndarray
    bias: np.ndarray
    mult: np.ndarray
    shift: int
    rows: int
    out_shape: tuple[int, ...]
    y_zero: int
    act_min: int = -128
    act_max: int = 127

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        acc = exact_matmul(x.reshape(self.rows, -1), self.weights.T) + self.bias
        y = requantize(acc, self.mult, self.shift, self.y_zero, self.act_min, self.act_max)
        return y.reshape(self.out_shape)

    @property
    def macs(self) -> int:
        return self.rows * self.weights.size


@dataclass(frozen=True, eq=False)
class MatmulS8(Contract):
    """Product of two activations, `ew_matmul_s8`.

    a [batch, rows, inner], b [batch, inner, cols], y `out_shape` (batch * rows * cols elements). A batch
    stride of 0 repeats the same matrix.
    """

    batch: int
    rows: int
    inner: int
    cols: int
    a_stride: int
    b_stride: int
    mult: int
    shift: int
    out_shape: tuple[int, ...]
    a_zero: int
    b_zero: int
    y_zero: int
    act_min: int = -128
    act_max: int = 127

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        a, b = inputs
        left = a.astype(np.int32).reshape(-1, self.rows, self.inner) - self.a_zero
        right = b.astype(np.int32).reshape(-1, self.inner, self.cols) - self.b_zero
        a_index = [n * self.a_stride // (self.rows * self.inner) for n in range(self.batch)]
        b_index = [n * self.b_stride // (self.inner * self.cols) for n in range(self.batch)]
        acc = exact_matmul(left[a_index], right[b_index])
        y = requantize(acc, self.mult, self.shift, self.y_zero, self.act_min, self.act_max)
        return y.reshape(self.out_shape)

    @property
    def macs(self) -> int:
        return self.batch * self.rows * self.inner * self.cols
