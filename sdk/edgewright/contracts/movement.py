"""Data movement: strided copies, constants, gathers, resizing. Bytes move; scales do not change."""

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.base import Contract


@dataclass(frozen=True)
class Copy:
    """One strided copy from an input into the output, in elements (see `ew_copy_s8_t`)."""

    dims: tuple[int, ...]
    x_strides: tuple[int, ...]
    y_strides: tuple[int, ...]
    x_offset: int = 0
    y_offset: int = 0

    def addresses(self, strides: tuple[int, ...], offset: int) -> np.ndarray:
        """Element addresses in iteration order, [dims]."""
        index = np.full(self.dims, offset, dtype=np.int64)
        for axis, stride in enumerate(strides):
            steps = np.arange(self.dims[axis], dtype=np.int64) * stride
            index += steps.reshape([-1 if k == axis else 1 for k in range(len(self.dims))])
        return index


@dataclass(frozen=True, eq=False)
class CopyS8(Contract):
    """Strided copies: input k goes where copies[k] says; what none covers is `fill`; `ew_copy_s8`, `ew_fill_s8`.

    Slice, split, concat, transpose, pad, tile, expand, depth-to-space and space-to-depth.
    """

    copies: tuple[Copy, ...]
    out_shape: tuple[int, ...]
    fill: int | None = None

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        y = np.full(int(np.prod(self.out_shape)), 0 if self.fill is None else self.fill, dtype=np.int8)
        for x, copy in zip(inputs, self.copies, strict=True):
            source = x.reshape(-1)[copy.addresses(copy.x_strides, copy.x_offset)]
            y[copy.addresses(copy.y_strides, copy.y_offset)] = source
        return y.reshape(self.out_shape)


@dataclass(frozen=True, eq=False)
class ReshapeS8(Contract):
    """The same bytes under another shape; costs nothing: the planner aliases the two values."""

    out_shape: tuple[int, ...]

    @property
    def in_place(self) -> tuple[int, ...]:
        return (0,)

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        return x.reshape(self.out_shape)


@dataclass(frozen=True, eq=False)
class RowsS8(Contract):
    """`rows` rows of an image [1, h, w, c] from row `first` on; costs nothing: a view of the input's memory."""

    first: int
    rows: int
    in_shape: tuple[int, int, int]

    @property
    def offset(self) -> int:
        """Bytes from the input's start to the view's."""
        return self.first * self.in_shape[1] * self.in_shape[2]

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        return x.reshape(1, *self.in_shape)[:, self.first : self.first + self.rows]


@dataclass(frozen=True, eq=False)
class StackRowsS8(Contract):
    """Strips of rows under each other; costs nothing: every strip is computed where it belongs.

    Inputs: the strips from top to bottom; for each the value that its last node turns into it in place, which lies
    there already (the strip itself when there is none); the value that all were computed from, which the output may
    overlap when it starts `distance` bytes or more before it.
    """

    out_shape: tuple[int, int, int]
    distance: int

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        return np.concatenate(inputs[: len(inputs) // 2], axis=1)


@dataclass(frozen=True, eq=False)
class GatherS8(Contract):
    """y[o][j] = x[o][indices[j]] on [outer, n, inner], `ew_gather_s8`; indices uint16 [count]."""

    indices: np.ndarray
    outer: int
    n: int
    inner: int
    out_shape: tuple[int, ...]

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        return x.reshape(self.outer, self.n, self.inner)[:, self.indices].reshape(self.out_shape)


@dataclass(frozen=True, eq=False)
class ResizeLinearS8(Contract):
    """Bilinear resize with weights of 1/2048, `ew_resize_linear_s8`.

    row_index, row_weight uint16 [out_h]; col_index, col_weight uint16 [out_w]. A weight of 0 reads only the
    indexed row, so that index + 1 may be outside.
    """

    row_index: np.ndarray
    row_weight: np.ndarray
    col_index: np.ndarray
    col_weight: np.ndarray
    in_shape: tuple[int, int, int]
    out_shape: tuple[int, int, int]

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        (x,) = inputs
        view = x.reshape(self.in_shape).astype(np.int64)
        r0, c0 = self.row_index.astype(np.int64), self.col_index.astype(np.int64)
        r1, c1 = r0 + (self.row_weight > 0), c0 + (self.col_weight > 0)
        wr, wc = self.row_weight.astype(np.int64)[:, None, None], self.col_weight.astype(np.int64)[None, :, None]
        top: np.ndarray = view[r0][:, c0] * (2048 - wc) + view[r0][:, c1] * wc
        low: np.ndarray = view[r1][:, c0] * (2048 - wc) + view[r1][:, c1] * wc
        y: np.ndarray = (top * (2048 - wr) + low * wr + (1 << 21)).astype(np.int64) >> 22
        return y.astype(np.int8)[None]
