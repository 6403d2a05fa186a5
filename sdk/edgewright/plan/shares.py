"""Shares of a contract: smaller contracts of the same class that together compute it, each on a piece of the output.

A share reads and writes contiguous memory, so the same kernel runs it, on an address inside the tensor. Nothing is
computed differently: a row, a pixel, an output or an element does not depend on which others are computed with it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import singledispatch

from edgewright.contracts import Contract
from edgewright.contracts.conv import LARGEST_SIZE, ConvS8, ConvTransposeS8, DepthwiseS8
from edgewright.contracts.dense import FcS8, MatmulS8
from edgewright.contracts.elementwise import AddS8, LutS8, MinMaxS8, MulS8, PreluS8, not_repeated
from edgewright.contracts.movement import GatherS8, ResizeLinearS8
from edgewright.contracts.norm import LayerNormS8
from edgewright.contracts.pool import ArgMaxS8, AvgPoolS8, MaxPoolS8, ReduceMaxS8, ReduceSumS8
from edgewright.contracts.softmax import LogSoftmaxS8, SoftmaxS8
from edgewright.plan.rows import Rows, Windowed, has_row_contracts, input_rows, on_rows

#: Outputs of a fully connected layer, and elements, are dealt out in such blocks: whole vectors, whole cache lines.
OUTPUTS, ELEMENTS = 16, 64
#: Pixels of a 1x1 convolution are dealt out in such blocks, as matrix kernels take them.
PIXELS = 4

Along = SoftmaxS8 | LogSoftmaxS8 | ReduceSumS8 | ReduceMaxS8 | ArgMaxS8
Broadcast = AddS8 | MulS8 | MinMaxS8


@dataclass(frozen=True)
class Span:
    """Bytes [start, start + size) of a value."""

    start: int
    size: int


@dataclass(frozen=True, eq=False)
class Share:
    """A contract of its own, what it may read of each input, and what it writes of the output."""

    contract: Contract
    x: tuple[Span, ...]
    y: Span


def whole(contract: Contract, x_bytes: tuple[int, ...], y_bytes: int) -> Share:
    """The one share of a contract that is not divided."""
    return Share(contract, tuple(Span(0, size) for size in x_bytes), Span(0, y_bytes))


@singledispatch
def divisions(contract: Contract, count: int) -> list[list[Share]]:
    """The ways to divide `contract` into at most `count` shares whose outputs follow each other; none if it cannot be.

    Shares are of about equal size. count: 2 or more.
    """
    return []


def ranges(total: int, count: int, block: int = 1) -> list[Rows]:
    """[0, total) in at most `count` ranges of about equal size, each a whole number of blocks but for the last."""
    blocks = -(-total // block)
    count = min(count, blocks)
    cuts = [min(k * blocks // count * block, total) for k in range(count + 1)]
    return [Rows(first, last) for first, last in itertools.pairwise(cuts)]


def _dealt(
    parts: list[Rows], x: tuple[int | Span, ...], y_bytes: int, contract: Callable[[Rows], Contract]
) -> list[Share]:
    """A share for each of `parts`, which count units of the output of `y_bytes` each.

    x: for each input how many bytes of it belong to one unit, or what every share reads.
    """

    def span(given: int | Span, part: Rows) -> Span:
        return given if isinstance(given, Span) else Span(part.first * given, part.count * given)

    return [
        Share(contract(part), tuple(span(given, part) for given in x), Span(part.first * y_bytes, part.count * y_bytes))
        for part in parts
    ]


# ---- windows ----


@divisions.register(DepthwiseS8)
@divisions.register(MaxPoolS8)
@divisions.register(AvgPoolS8)
def _by_rows(op: Windowed, count: int) -> list[list[Share]]:
    if not has_row_contracts(op):
        return []
    x_row, y_row = math.prod(op.in_shape[1:]), math.prod(op.out_shape[1:])
    shares = []
    for out in ranges(op.out_shape[0], count):
        read = input_rows(op, out)
        x = Span(read.first * x_row, read.count * x_row)
        shares.append(Share(on_rows(op, out), (x,), Span(out.first * y_row, out.count * y_row)))
    return [shares]


@divisions.register
def _conv(op: ConvS8, count: int) -> list[list[Share]]:
    """By rows; a 1x1 convolution also by pixels, as one row."""
    (h, w, in_c), out_c = op.in_shape, op.out_shape[2]
    by_rows = _by_rows(op, count)
    parts = ranges(h * w, count, PIXELS if h * w >= count * PIXELS else 1)
    alone = op.sees_one_position and op.window.stride == (1, 1) and op.out_shape[:2] == (h, w)
    if not alone or max(part.count for part in parts) > LARGEST_SIZE:
        return by_rows

    def pixels(part: Rows) -> Contract:
        return replace(op, in_shape=(1, part.count, in_c), out_shape=(1, part.count, out_c))

    return [*by_rows, _dealt(parts, (in_c,), out_c, pixels)]


@divisions.register
def _conv_transpose(op: ConvTransposeS8, count: int) -> list[list[Share]]:
    """By rows: all of the input, with more cut from the top of the output."""
    out_h, out_w, out_c = op.out_shape
    top, left = op.window.pad

    def rows(out: Rows) -> Contract:
        window = replace(op.window, pad=(top + out.first, left))
        return replace(op, window=window, out_shape=(out.count, out_w, out_c))

    whole_x = Span(0, math.prod(op.in_shape))
    return [] if top + out_h > LARGEST_SIZE else [_dealt(ranges(out_h, count), (whole_x,), out_w * out_c, rows)]


# ---- matrices ----


@divisions.register
def _fc(op: FcS8, count: int) -> list[list[Share]]:
    """By rows; a single one by outputs."""
    out_features, in_features = op.weights.shape

    def rows(part: Rows) -> Contract:
        return replace(op, rows=part.count, out_shape=(part.count, out_features))

    def outputs(part: Rows) -> Contract:
        weights, bias, mult = (array[part.first : part.last] for array in (op.weights, op.bias, op.mult))
        return replace(op, weights=weights, bias=bias, mult=mult, out_shape=(1, part.count))

    if op.rows > 1:
        return [_dealt(ranges(op.rows, count), (in_features,), out_features, rows)]
    return [_dealt(ranges(out_features, count, OUTPUTS), (Span(0, in_features),), 1, outputs)]


@divisions.register
def _matmul(op: MatmulS8, count: int) -> list[list[Share]]:
    """By batch; a single product by rows."""
    a_bytes, b_bytes = op.rows * op.inner, op.inner * op.cols

    def batch(part: Rows) -> Contract:
        return replace(op, batch=part.count, out_shape=(part.count, op.rows, op.cols))

    def rows(part: Rows) -> Contract:
        return replace(op, rows=part.count, a_stride=0, b_stride=0, out_shape=(part.count, op.cols))

    if op.batch > 1:
        a = op.a_stride or Span(0, a_bytes)
        b = op.b_stride or Span(0, b_bytes)
        return [_dealt(ranges(op.batch, count), (a, b), op.rows * op.cols, batch)]
    return [_dealt(ranges(op.rows, count), (op.inner, Span(0, b_bytes)), op.cols, rows)]


# ---- elements ----


@divisions.register(AddS8)
@divisions.register(MulS8)
@divisions.register(MinMaxS8)
def _broadcast(op: Broadcast, count: int) -> list[list[Share]]:
    """By elements; with a repeated operand along the first axis that is more than one long."""
    shape = op.out_shape
    shapes: list[tuple[int, ...]]
    if len(not_repeated(shape, op.a_shape, op.b_shape)) == 2:
        parts, shapes = ranges(math.prod(shape), count, ELEMENTS), [(math.prod(shape),)] * 3
    else:
        axis = next(k for k, size in enumerate(shape) if size > 1)
        shapes = [((1,) * (len(shape) - len(s)) + tuple(s))[axis:] for s in (shape, op.a_shape, op.b_shape)]
        parts = ranges(shape[axis], count)

    def contract(part: Rows) -> Contract:
        y, a, b = (s if s[0] == 1 else (part.count, *s[1:]) for s in shapes)
        return replace(op, out_shape=y, a_shape=a, b_shape=b)

    x = tuple(Span(0, math.prod(s)) if s[0] == 1 else math.prod(s[1:]) for s in shapes[1:])
    return [_dealt(parts, x, math.prod(shapes[0][1:]), contract)]


@divisions.register
def _lut(op: LutS8, count: int) -> list[list[Share]]:
    return [_dealt(ranges(op.n, count, ELEMENTS), (1,), 1, lambda part: replace(op, n=part.count))]


@divisions.register
def _prelu(op: PreluS8, count: int) -> list[list[Share]]:
    *outer, channels = op.out_shape
    parts = ranges(math.prod(outer), count)
    return [_dealt(parts, (channels,), channels, lambda part: replace(op, out_shape=(part.count, channels)))]


# ---- vectors ----


@divisions.register(SoftmaxS8)
@divisions.register(LogSoftmaxS8)
@divisions.register(ReduceSumS8)
@divisions.register(ReduceMaxS8)
@divisions.register(ArgMaxS8)
def _outer(op: Along, count: int) -> list[list[Share]]:
    kept = op.n if isinstance(op, SoftmaxS8 | LogSoftmaxS8) else 1
    item_bytes = 4 if isinstance(op, ArgMaxS8) else 1

    def contract(part: Rows) -> Contract:
        return replace(op, outer=part.count, out_shape=(part.count, kept, op.inner))

    return [_dealt(ranges(op.outer, count), (op.n * op.inner,), kept * op.inner * item_bytes, contract)]


@divisions.register
def _layer_norm(op: LayerNormS8, count: int) -> list[list[Share]]:
    parts = ranges(op.rows, count)
    return [_dealt(parts, (op.n,), op.n, lambda part: replace(op, rows=part.count, out_shape=(part.count, op.n)))]


# ---- movement ----


@divisions.register
def _gather(op: GatherS8, count: int) -> list[list[Share]]:
    """By what lies around the gathered axis; when nothing does, along it."""
    taken, x_bytes = len(op.indices), op.n * op.inner

    def outer(part: Rows) -> Contract:
        return replace(op, outer=part.count, out_shape=(part.count, taken, op.inner))

    def along(part: Rows) -> Contract:
        return replace(op, indices=op.indices[part.first : part.last], out_shape=(part.count, op.inner))

    if op.outer > 1:
        return [_dealt(ranges(op.outer, count), (x_bytes,), taken * op.inner, outer)]
    return [_dealt(ranges(taken, count), (Span(0, x_bytes),), op.inner, along)]


@divisions.register
def _resize(op: ResizeLinearS8, count: int) -> list[list[Share]]:
    out_h, out_w, channels = op.out_shape

    def rows(part: Rows) -> Contract:
        index, weight = (table[part.first : part.last] for table in (op.row_index, op.row_weight))
        return replace(op, row_index=index, row_weight=weight, out_shape=(part.count, out_w, channels))

    return [_dealt(ranges(out_h, count), (Span(0, math.prod(op.in_shape)),), out_w * channels, rows)]
