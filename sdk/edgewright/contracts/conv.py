"""Convolutions: plain and grouped, depthwise, transposed."""

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.base import Contract
from edgewright.numerics import requantize

#: What the parameter structs of kernels hold: strides and dilations in 8 bits, sizes in 16.
LARGEST_STEP = 255
LARGEST_SIZE = 65_535


@dataclass(frozen=True)
class Window:
    """How a kernel window moves over the input, (vertical, horizontal) everywhere.

    pad: positions before the first row and column; what lies behind the last ones follows from `out`.
    """

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    pad: tuple[int, int] = (0, 0)

    def reach(self, out_h: int, out_w: int) -> tuple[int, int]:
        """Rows and columns from the first tap of the first of [out_h, out_w] windows to the last tap of the last."""
        (sh, sw), (kh, kw), (dh, dw) = self.stride, self.kernel, self.dilation
        return (out_h - 1) * sh + (kh - 1) * dh + 1, (out_w - 1) * sw + (kw - 1) * dw + 1

    def padded(self, x: np.ndarray, out_h: int, out_w: int, fill: int) -> np.ndarray:
        """x [h, w, c] widened with `fill` to just what the windows of an [out_h, out_w] output read."""
        need = self.reach(out_h, out_w)
        wide = np.full((*need, x.shape[2]), fill, dtype=x.dtype)
        h, w = min(x.shape[0], need[0] - self.pad[0]), min(x.shape[1], need[1] - self.pad[1])
        wide[self.pad[0] : self.pad[0] + h, self.pad[1] : self.pad[1] + w] = x[:h, :w]
        return wide

    def tap(self, padded: np.ndarray, i: int, j: int, out_h: int, out_w: int) -> np.ndarray:
        """What tap (i, j) of the window sees: [out_h, out_w, c] of a `padded` input."""
        (sh, sw), (dh, dw) = self.stride, self.dilation
        rows = slice(i * dh, i * dh + (out_h - 1) * sh + 1, sh)
        cols = slice(j * dw, j * dw + (out_w - 1) * sw + 1, sw)
        return padded[rows, cols]


@dataclass(frozen=True, eq=False)
class Convolution(Contract):
    """What all convolutions have.

    bias int32 [out_c], holds -x_zero * sum(weights); mult int32 [out_c]. x [1, in_h, in_w, in_c],
    y [1, out_h, out_w, out_c].
    """

    weights: np.ndarray
    bias: np.ndarray
    mult: np.ndarray
    shift: int
    window: Window
    in_shape: tuple[int, int, int]
    out_shape: tuple[int, int, int]
    x_zero: int
    y_zero: int
    act_min: int = -128
    act_max: int = 127

    @property
    def macs(self) -> int:
        return self.out_shape[0] * self.out_shape[1] * self.weights.size

    @property
    def stays_inside(self) -> bool:
        """Whether no window reads anything but the input."""
        height, width = self.window.reach(*self.out_shape[:2])
        return self.window.pad == (0, 0) and height <= self.in_shape[0] and width <= self.in_shape[1]

    @property
    def covers_input(self) -> bool:
        """Whether the only window is the input, without gaps."""
        only = self.out_shape[:2] == (1, 1) and self.window.pad == (0, 0)
        return only and self.window.reach(1, 1) == self.window.kernel == self.in_shape[:2]

    def requantized(self, acc: np.ndarray) -> np.ndarray:
        """y of sums [out_h, out_w, out_c] without bias; int64."""
        y = requantize(acc + self.bias, self.mult, self.shift, self.y_zero, self.act_min, self.act_max)
        return y[None]


@dataclass(frozen=True, eq=False)
class ConvS8(Convolution):
    """2-D convolution, `ew_conv_s8`; weights int8 [out_c, k_h, k_w, in_c / groups]."""

    groups: int = 1

    @property
    def sees_one_position(self) -> bool:
        """Whether each output sees a single position, inside the input: 1x1 without padding or groups."""
        return self.window.kernel == (1, 1) and self.groups == 1 and self.stays_inside

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        out_h, out_w, out_c = self.out_shape
        padded = self.window.padded(x.reshape(self.in_shape).astype(np.int32), out_h, out_w, self.x_zero)
        in_g, out_g = self.in_shape[2] // self.groups, out_c // self.groups
        acc = np.empty((out_h, out_w, out_c), dtype=np.int64)
        k_h, k_w = self.window.kernel
        for g in range(self.groups):
            columns = np.concatenate(
                [
                    self.window.tap(padded[..., g * in_g : (g + 1) * in_g], i, j, out_h, out_w)
                    for i in range(k_h)
                    for j in range(k_w)
                ],
                axis=-1,
            )
            w = self.weights[g * out_g : (g + 1) * out_g].reshape(out_g, -1)
            acc[..., g * out_g : (g + 1) * out_g] = exact_matmul(columns, w.T)
        return self.requantized(acc)


@dataclass(frozen=True, eq=False)
class DepthwiseS8(Convolution):
    """Depthwise convolution with a channel multiplier, `ew_depthwise_s8`; weights int8 [k_h, k_w, out_c]."""

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        out_h, out_w, out_c = self.out_shape
        padded = self.window.padded(x.reshape(self.in_shape).astype(np.int32), out_h, out_w, self.x_zero)
        repeat = out_c // self.in_shape[2]
        acc = np.zeros((out_h, out_w, out_c), dtype=np.int32)
        for i in range(self.window.kernel[0]):
            for j in range(self.window.kernel[1]):
                seen = self.window.tap(padded, i, j, out_h, out_w)
                acc += np.repeat(seen, repeat, axis=-1) * self.weights[i, j].astype(np.int32)
        return self.requantized(acc.astype(np.int64))


@dataclass(frozen=True, eq=False)
class ConvTransposeS8(Convolution):
    """Transposed 2-D convolution without groups, `ew_conv_transpose_s8`.

    weights int8 [out_c, k_h, k_w, in_c]; bias int32 [out_c], without the x_zero term; window.pad: what is
    cut from the top and left of the full output.
    """

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        out_h, out_w, out_c = self.out_shape
        (k_h, k_w), (sh, sw), (dh, dw) = self.window.kernel, self.window.stride, self.window.dilation
        in_h, in_w, _ = self.in_shape
        pad_h, pad_w = self.window.pad
        reach = self.window.reach(in_h, in_w)
        full = np.zeros((max(reach[0], pad_h + out_h), max(reach[1], pad_w + out_w), out_c), dtype=np.int64)
        centred = x.reshape(self.in_shape).astype(np.int32) - self.x_zero
        for i in range(k_h):
            for j in range(k_w):
                part = exact_matmul(centred, self.weights[:, i, j, :].T)
                rows = slice(i * dh, i * dh + (in_h - 1) * sh + 1, sh)
                cols = slice(j * dw, j * dw + (in_w - 1) * sw + 1, sw)
                full[rows, cols] += part
        return self.requantized(full[pad_h : pad_h + out_h, pad_w : pad_w + out_w])

    @property
    def macs(self) -> int:
        return self.in_shape[0] * self.in_shape[1] * self.weights.size


def exact_matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a @ b for small integers, int64 result, through float64 BLAS.

    Bounds: |a| <= 2^9, |b| <= 2^8 and fewer than 2^36 terms keep every partial sum below 2^53, where
    float64 is exact in any order of summation.
    """
    return np.rint(a.astype(np.float64) @ b.astype(np.float64)).astype(np.int64)
