"""One strided copy as an operation of the lowering: what slices, transposes, pads and the like become."""

from __future__ import annotations

import math
from collections.abc import Sequence

from edgewright.contracts.movement import Copy, CopyS8, ReshapeS8
from edgewright.ir import Value
from edgewright.ops.lowering import Lowering, quant_of

Shape = tuple[int, ...]
#: Dimensions that a copy of the kernel has (EW_COPY_RANK).
COPY_RANK = 6


def row_major(shape: Shape) -> tuple[int, ...]:
    """Strides of a contiguous array of this shape, in elements."""
    return tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


def reading(dims: Shape, x_strides: Shape, x_offset: int, out_shape: Shape) -> CopyS8 | ReshapeS8:
    """The contract that reads x with these strides and writes `out_shape` (of the same size as dims) contiguously."""
    moving = [(n, s) for n, s in zip(dims, x_strides, strict=True) if n != 1]
    packed = all(s == math.prod(n for n, _ in moving[k + 1 :]) for k, (_, s) in enumerate(moving))
    if packed and x_offset == 0:
        return ReshapeS8(out_shape)
    return CopyS8((Copy(dims, x_strides, row_major(dims), x_offset),), out_shape)


def emit_read(low: Lowering, x: Value, dims: Shape, x_strides: Shape, x_offset: int = 0) -> None:
    """The last contract of an operation that reads `x` with strides; the whole of it in order costs nothing."""
    contract = reading(dims, x_strides, x_offset, low.out().shape)
    if isinstance(contract, ReshapeS8) and x.size != low.out().size:
        contract = CopyS8((Copy(dims, x_strides, row_major(dims), x_offset),), low.out().shape)
    low.emit_moved(contract, x)


def transposed(low: Lowering, x: Value, perm: Sequence[int]) -> Value:
    """`x` with its axes permuted, as an intermediate of the lowering."""
    strides = row_major(x.shape)
    shape = tuple(x.shape[axis] for axis in perm)
    return low.temp(reading(shape, tuple(strides[axis] for axis in perm), 0, shape), [x], shape, quant_of(x))


def padded(low: Lowering, x: Value, pads: Sequence[Sequence[int]], fill: int) -> Value:
    """`x` widened by pads[axis] = (before, after) positions of `fill`, as an intermediate of the lowering."""
    shape = tuple(before + n + after for n, (before, after) in zip(x.shape, pads, strict=True))
    return low.temp(padding(x.shape, pads, shape, fill), [x], shape, quant_of(x))


def padding(in_shape: Shape, pads: Sequence[Sequence[int]], out_shape: Shape, fill: int) -> CopyS8:
    """The contract that puts x into the middle of `fill`."""
    strides = row_major(out_shape)
    offset = sum(before * stride for (before, _), stride in zip(pads, strides, strict=True))
    return CopyS8((Copy(in_shape, row_major(in_shape), strides, 0, offset),), out_shape, fill)
