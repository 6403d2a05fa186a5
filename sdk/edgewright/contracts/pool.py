"""Pooling, reduction and arg-max."""

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.base import Contract
from edgewright.contracts.conv import Window
from edgewright.numerics import requantize


@dataclass(frozen=True, eq=False)
class MaxPoolS8(Contract):
    """Largest value of each window; positions outside the input are left out; `ew_max_pool_s8`."""

    window: Window
    in_shape: tuple[int, int, int]
    out_shape: tuple[int, int, int]
    act_min: int = -128
    act_max: int = 127

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        out_h, out_w, _ = self.out_shape
        padded = self.window.padded(x.reshape(self.in_shape), out_h, out_w, -128)
        k_h, k_w = self.window.kernel
        taps = [self.window.tap(padded, i, j, out_h, out_w) for i in range(k_h) for j in range(k_w)]
        y: np.ndarray = np.max(taps, axis=0)
        return y.clip(self.act_min, self.act_max)[None]


@dataclass(frozen=True, eq=False)
class AvgPoolS8(Contract):
    """Mean of each window, `ew_avg_pool_s8`.

    mult int32 [count_max - count_min + 1], by the number of positions inside the input; or [1] when
    mult_is_uniform (count_include_pad, or no padding).
    """

    mult: np.ndarray
    shift: int
    count_min: int
    mult_is_uniform: bool
    window: Window
    in_shape: tuple[int, int, int]
    out_shape: tuple[int, int, int]
    x_zero: int
    y_zero: int
    act_min: int = -128
    act_max: int = 127

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        out_h, out_w, _ = self.out_shape
        centred = self.window.padded(x.reshape(self.in_shape).astype(np.int64) - self.x_zero, out_h, out_w, 0)
        inside = self.window.padded(np.ones((*self.in_shape[:2], 1), dtype=np.int64), out_h, out_w, 0)
        k_h, k_w = self.window.kernel
        taps = [(i, j) for i in range(k_h) for j in range(k_w)]
        acc = np.sum([self.window.tap(centred, i, j, out_h, out_w) for i, j in taps], axis=0)
        count = np.sum([self.window.tap(inside, i, j, out_h, out_w) for i, j in taps], axis=0)
        mult = self.mult[0] if self.mult_is_uniform else self.mult[count - self.count_min]
        return requantize(acc, mult, self.shift, self.y_zero, self.act_min, self.act_max)[None]


@dataclass(frozen=True, eq=False)
class ReduceSumS8(Contract):
    """requantize(sum (x - x_zero)) along the middle of [outer, n, inner]; `ew_reduce_sum_s8`."""

    mult: int
    shift: int
    outer: int
    n: int
    inner: int
    out_shape: tuple[int, ...]
    x_zero: int
    y_zero: int
    act_min: int = -128
    act_max: int = 127

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        acc = (x.reshape(self.outer, self.n, self.inner).astype(np.int64) - self.x_zero).sum(axis=1)
        y = requantize(acc, self.mult, self.shift, self.y_zero, self.act_min, self.act_max)
        return y.reshape(self.out_shape)


@dataclass(frozen=True, eq=False)
class ReduceMaxS8(Contract):
    """Largest (is_max) or smallest value along the middle of [outer, n, inner]; `ew_reduce_max_s8`."""

    is_max: bool
    outer: int
    n: int
    inner: int
    out_shape: tuple[int, ...]

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        view = x.reshape(self.outer, self.n, self.inner)
        y: np.ndarray = view.max(axis=1) if self.is_max else view.min(axis=1)
        return y.reshape(self.out_shape)


@dataclass(frozen=True, eq=False)
class ArgMaxS8(Contract):
    """int32 index of the largest (is_max) or smallest value along the middle; `ew_arg_max_s8`."""

    is_max: bool
    select_last: bool
    outer: int
    n: int
    inner: int
    out_shape: tuple[int, ...]

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        view = x.reshape(self.outer, self.n, self.inner).astype(np.int32)
        view = view if self.is_max else -view
        index: np.ndarray = self.n - 1 - view[:, ::-1].argmax(axis=1) if self.select_last else view.argmax(axis=1)
        return index.reshape(self.out_shape).astype(np.int32)
