"""Element-wise contracts: sums, products, extrema, tables and parametric slopes."""

import math
from dataclasses import dataclass

import numpy as np

from edgewright.contracts.base import Contract
from edgewright.numerics import requantize


def not_repeated(out_shape: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """Indices of the operands that broadcasting to `out_shape` does not repeat."""
    return tuple(k for k, shape in enumerate(shapes) if math.prod(shape) == math.prod(out_shape))


@dataclass(frozen=True, eq=False)
class AddS8(Contract):
    """clamp((a * a_mult + b * b_mult + offset) >> shift), with broadcasting to `out_shape`; `ew_add_s8`."""

    a_mult: int
    b_mult: int
    offset: int
    shift: int
    out_shape: tuple[int, ...]
    a_shape: tuple[int, ...]
    b_shape: tuple[int, ...]
    act_min: int = -128
    act_max: int = 127

    @property
    def in_place(self) -> tuple[int, ...]:
        return not_repeated(self.out_shape, self.a_shape, self.b_shape)

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        a = inputs[0].reshape(self.a_shape).astype(np.int64)
        b = inputs[1].reshape(self.b_shape).astype(np.int64)
        acc = (a * self.a_mult + b * self.b_mult + self.offset) >> self.shift
        return np.broadcast_to(np.clip(acc, self.act_min, self.act_max), self.out_shape).astype(np.int8)


@dataclass(frozen=True, eq=False)
class MulS8(Contract):
    """requantize((a - a_zero) * (b - b_zero)), with broadcasting to `out_shape`; `ew_mul_s8`."""

    mult: int
    shift: int
    out_shape: tuple[int, ...]
    a_shape: tuple[int, ...]
    b_shape: tuple[int, ...]
    a_zero: int
    b_zero: int
    y_zero: int
    act_min: int = -128
    act_max: int = 127

    @property
    def in_place(self) -> tuple[int, ...]:
        return not_repeated(self.out_shape, self.a_shape, self.b_shape)

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        a = inputs[0].reshape(self.a_shape).astype(np.int64)
        b = inputs[1].reshape(self.b_shape).astype(np.int64)
        acc = np.broadcast_to((a - self.a_zero) * (b - self.b_zero), self.out_shape)
        return requantize(acc, self.mult, self.shift, self.y_zero, self.act_min, self.act_max)


@dataclass(frozen=True, eq=False)
class MinMaxS8(Contract):
    """The larger (is_max) or smaller of two values of one scale, with broadcasting; `ew_min_max_s8`."""

    is_max: bool
    out_shape: tuple[int, ...]
    a_shape: tuple[int, ...]
    b_shape: tuple[int, ...]

    @property
    def in_place(self) -> tuple[int, ...]:
        return not_repeated(self.out_shape, self.a_shape, self.b_shape)

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        a, b = inputs[0].reshape(self.a_shape), inputs[1].reshape(self.b_shape)
        return np.broadcast_to((np.maximum if self.is_max else np.minimum)(a, b), self.out_shape).copy()


@dataclass(frozen=True, eq=False)
class LutS8(Contract):
    """table[x + 128], `ew_lut_s8`; table int8 [256], n elements."""

    table: np.ndarray
    n: int

    @property
    def in_place(self) -> tuple[int, ...]:
        return (0,)

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        return self.table[x.astype(np.int32) + 128]


@dataclass(frozen=True, eq=False)
class PreluS8(Contract):
    """x above zero scaled by mult, below by a slope per channel; `ew_prelu_s8`.

    negative_mult int32 [channels], negative_sign int8 [channels] of 1 or -1; channels is the last axis of
    `out_shape`, which is also the shape of x.
    """

    mult: int
    shift: int
    negative_mult: np.ndarray
    negative_sign: np.ndarray
    out_shape: tuple[int, ...]
    x_zero: int
    y_zero: int

    @property
    def in_place(self) -> tuple[int, ...]:
        return (0,)

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        centred = x.reshape(self.out_shape).astype(np.int64) - self.x_zero
        above = requantize(centred, self.mult, self.shift, self.y_zero)
        below = requantize(centred * self.negative_sign, self.negative_mult, self.shift, self.y_zero)
        return np.where(centred >= 0, above, below)
