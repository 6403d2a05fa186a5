"""The layers that kernels are counted on: those of the demo and of MLPerf Tiny, and what these do not have.

Large enough that what a call costs once does not hide what an output costs; the names are the keys of the record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
from tests.harness import conv_cases, elementwise_cases, movement_cases, norm_cases, recurrent_cases
from tests.harness.conv_cases import Random, out_size, random_s8
from tests.harness.kernel_program import Case

from edgewright.contracts.conv import ConvS8, DepthwiseS8, Window
from edgewright.contracts.dense import FcS8, MatmulS8
from edgewright.contracts.elementwise import LutS8, MinMaxS8, MulS8, PreluS8
from edgewright.contracts.movement import GatherS8, ResizeLinearS8
from edgewright.contracts.pool import ArgMaxS8, AvgPoolS8, MaxPoolS8, ReduceMaxS8, ReduceSumS8
from edgewright.contracts.softmax import LogSoftmaxS8, SoftmaxS8, exp_table
from edgewright.numerics import W4_MAX, multiplier

Shape = tuple[int, ...]
Image = tuple[int, int, int]
Pair = tuple[int, int]
Pads = tuple[int, int, int, int]

NONE: Pads = (0, 0, 0, 0)
SAME: Pads = (1, 1, 1, 1)
BEHIND: Pads = (0, 0, 1, 1)
#: input, outputs, kernel, stride, pad (top, left, bottom, right), dilation
CONVOLUTIONS: list[tuple[Image, int, Pair, int, Pads, int]] = [
    ((8, 8, 1), 16, (3, 3), 1, SAME, 1),  # demo
    ((8, 8, 16), 32, (1, 1), 1, NONE, 1),
    ((4, 4, 32), 48, (1, 1), 1, NONE, 1),
    ((4, 4, 48), 48, (1, 1), 1, NONE, 1),
    ((49, 10, 1), 64, (10, 4), 2, (4, 1, 5, 1), 1),  # keyword spotting
    ((25, 5, 64), 64, (1, 1), 1, NONE, 1),
    ((48, 48, 3), 8, (3, 3), 2, BEHIND, 1),  # visual wake words, the first layer at half its size
    ((24, 24, 8), 16, (1, 1), 1, NONE, 1),
    ((24, 24, 32), 32, (1, 1), 1, NONE, 1),
    ((6, 6, 64), 128, (1, 1), 1, NONE, 1),
    ((6, 6, 128), 128, (1, 1), 1, NONE, 1),
    ((3, 3, 256), 256, (1, 1), 1, NONE, 1),
    ((32, 32, 3), 16, (3, 3), 1, SAME, 1),  # image classification
    ((16, 16, 16), 16, (3, 3), 1, SAME, 1),
    ((32, 32, 16), 32, (3, 3), 2, BEHIND, 1),
    ((16, 16, 32), 32, (3, 3), 1, SAME, 1),
    ((16, 16, 32), 64, (3, 3), 2, BEHIND, 1),
    ((8, 8, 64), 64, (3, 3), 1, SAME, 1),
    ((32, 32, 16), 32, (1, 1), 2, NONE, 1),
    ((16, 16, 32), 64, (1, 1), 2, NONE, 1),
    ((28, 28, 1), 8, (5, 5), 1, (2, 2, 2, 2), 1),  # others: LeNet's
    ((14, 14, 6), 16, (5, 5), 1, NONE, 1),
    ((1, 60, 32), 32, (1, 5), 1, NONE, 1),  # one-dimensional
    ((60, 1, 32), 32, (3, 1), 1, (1, 0, 1, 0), 1),
    ((16, 16, 16), 24, (3, 3), 1, (2, 2, 2, 2), 2),  # dilated
    ((10, 10, 19), 21, (1, 1), 1, NONE, 1),  # odd
    ((12, 12, 24), 10, (3, 3), 1, SAME, 1),
    ((4, 4, 32), 10, (4, 4), 1, NONE, 1),  # the whole input
]
#: input, multiplier of channels, kernel, stride, pad, dilation
DEPTHWISE: list[tuple[Image, int, Pair, int, Pads, int]] = [
    ((8, 8, 16), 1, (3, 3), 1, SAME, 1),  # demo
    ((8, 8, 32), 1, (3, 3), 2, SAME, 1),
    ((4, 4, 48), 1, (3, 3), 1, SAME, 1),
    ((25, 5, 64), 1, (3, 3), 1, SAME, 1),  # keyword spotting
    ((48, 48, 8), 1, (3, 3), 1, SAME, 1),  # visual wake words
    ((48, 48, 16), 1, (3, 3), 2, BEHIND, 1),
    ((24, 24, 32), 1, (3, 3), 1, SAME, 1),
    ((24, 24, 32), 1, (3, 3), 2, BEHIND, 1),
    ((12, 12, 64), 1, (3, 3), 1, SAME, 1),
    ((6, 6, 128), 1, (3, 3), 1, SAME, 1),
    ((6, 6, 128), 1, (3, 3), 2, BEHIND, 1),
    ((3, 3, 256), 1, (3, 3), 1, SAME, 1),
    ((14, 14, 32), 1, (5, 5), 1, (2, 2, 2, 2), 1),  # others
    ((14, 14, 32), 1, (5, 5), 2, (1, 1, 2, 2), 1),
    ((14, 14, 24), 1, (5, 5), 1, (2, 2, 2, 2), 1),
    ((64, 1, 24), 1, (9, 1), 1, (4, 0, 4, 0), 1),
    ((1, 64, 40), 1, (1, 3), 1, (0, 1, 0, 1), 1),
    ((28, 28, 1), 8, (3, 3), 1, SAME, 1),
    ((14, 14, 8), 2, (3, 3), 1, SAME, 1),
    ((16, 16, 16), 1, (3, 3), 1, (2, 2, 2, 2), 2),
    ((20, 20, 12), 1, (3, 3), 1, NONE, 1),
    ((32, 32, 3), 1, (3, 3), 1, SAME, 1),
    ((8, 8, 32), 1, (8, 8), 1, NONE, 1),
]
#: input, outputs, kernel, stride, pad
TRANSPOSED: list[tuple[Image, int, Pair, int, Pads]] = [
    ((8, 8, 16), 8, (3, 3), 2, BEHIND),
    ((6, 6, 32), 16, (2, 2), 2, NONE),
    ((10, 10, 5), 6, (4, 4), 2, SAME),
    ((5, 5, 12), 20, (3, 3), 1, SAME),
]
#: rows, inputs, outputs
DENSE = [
    *((1, 48, 10), (1, 640, 128), (1, 128, 128), (1, 128, 8), (1, 8, 128), (1, 128, 640), (1, 64, 12), (1, 256, 2)),
    *((1, 999, 33), (16, 32, 64), (9, 100, 20), (33, 16, 48), (50, 8, 24), (64, 64, 64)),
]
#: input, kernel, stride, pad
POOLS: list[tuple[Image, Pair, int, Pads]] = [
    ((25, 5, 64), (25, 5), 1, NONE),
    ((8, 8, 64), (8, 8), 1, NONE),
    ((3, 3, 256), (3, 3), 1, NONE),
    ((4, 4, 48), (4, 4), 1, NONE),
    ((24, 24, 16), (2, 2), 2, NONE),
    ((14, 14, 48), (3, 3), 2, BEHIND),
    ((12, 12, 24), (3, 3), 1, SAME),
    ((20, 20, 6), (2, 2), 2, NONE),
]
#: outer, n, inner
REDUCTIONS = [
    *((1, 16, 48), (1, 64, 64), (1, 125, 64), (16, 49, 32), (64, 64, 1), (10, 256, 1), (1, 400, 7), (200, 3, 16)),
]
#: two operands
PAIRS: list[tuple[Shape, Shape]] = [
    ((1, 4, 4, 48), (1, 4, 4, 48)),
    ((1, 32, 32, 16), (1, 32, 32, 16)),
    ((1, 16, 16, 32), (1, 16, 16, 32)),
    ((1, 99, 31), (1, 99, 31)),
    ((1, 16, 16, 32), (32,)),
    ((1, 16, 16, 32), (1, 16, 16, 1)),
    ((1, 64, 7), (7,)),
    ((1, 4096), (1, 1)),
]
#: outer, n, inner
COLUMNS = [(1, 12, 1), (1, 1000, 1), (16, 49, 1), (64, 64, 1), (1, 21, 100)]


#: batch, rows, inner, columns
PRODUCTS = [(1, 32, 32, 32), (4, 16, 24, 20), (2, 49, 16, 49), (1, 5, 300, 7)]
#: rows, length
NORMS = [(32, 64), (8, 256), (100, 24)]
#: shape, order
TRANSPOSES: list[tuple[Shape, Shape]] = [
    ((1, 16, 16, 24), (0, 3, 1, 2)),
    ((16, 40, 8), (1, 0, 2)),
    ((12, 10, 6, 4), (2, 0, 3, 1)),
    ((30, 3, 64), (1, 0, 2)),
]
#: outer, n, inner, count
GATHERS = [(8, 40, 32, 24), (1, 300, 16, 200), (50, 20, 1, 30), (4, 10, 100, 7)]
#: input, output
RESIZES: list[tuple[Image, Pair]] = [((12, 10, 8), (24, 20)), ((6, 6, 32), (12, 12)), ((20, 20, 1), (40, 40))]
#: steps, inputs, hidden
RECURRENT = [(10, 16, 32), (20, 8, 16), (4, 40, 64), (1, 64, 48)]
#: What the names of layers with 4-bit weights begin with, and of which layers such are made.
W4_PREFIX = "4 bits, "
W4 = {
    "conv 8x8x1 to 16, 3x3, pad 1x1x1x1",
    "conv 4x4x32 to 48, 1x1",
    "conv 49x10x1 to 64, 10x4, stride 2, pad 4x1x5x1",
    "conv 25x5x64 to 64, 1x1",
    "conv 48x48x3 to 8, 3x3, stride 2, pad 0x0x1x1",
    "conv 24x24x8 to 16, 1x1",
    "conv 6x6x64 to 128, 1x1",
    "conv 6x6x128 to 128, 1x1",
    "conv 16x16x16 to 16, 3x3, pad 1x1x1x1",
    "conv 16x16x32 to 64, 3x3, stride 2, pad 0x0x1x1",
    "conv 16x16x32 to 64, 1x1, stride 2",
    "conv 1x60x32 to 32, 1x5",
    "conv 10x10x19 to 21, 1x1",
    "conv 12x12x24 to 10, 3x3, pad 1x1x1x1",
    "conv 4x4x32 to 10, 4x4",
    "depthwise 8x8x16 times 1, 3x3, pad 1x1x1x1",
    "depthwise 25x5x64 times 1, 3x3, pad 1x1x1x1",
    "depthwise 48x48x16 times 1, 3x3, stride 2, pad 0x0x1x1",
    "depthwise 3x3x256 times 1, 3x3, pad 1x1x1x1",
    "depthwise 14x14x32 times 1, 5x5, pad 2x2x2x2",
    "depthwise 64x1x24 times 1, 9x1, pad 4x0x4x0",
    "depthwise 8x8x32 times 1, 8x8",
    *("fc 1x640->128", "fc 1x128->128", "fc 1x8->128", "fc 1x256->2", "fc 1x999->33", "fc 9x100->20", "fc 50x8->24"),
}


def softened(case: Case, largest: int = 127) -> Case:
    """The same layer with weights as training leaves them: normal, the largest of each output about `largest`."""
    c = case.contract
    assert isinstance(c, ConvS8 | DepthwiseS8 | FcS8)
    normal = np.random.default_rng(7).normal(0.0, 42.0 * largest / 127, c.weights.shape)
    weights = np.clip(np.rint(normal), -largest, largest).astype(np.int8)
    axes = (0, 1) if isinstance(c, DepthwiseS8) else tuple(range(1, weights.ndim))
    zero = 0 if isinstance(c, FcS8) else c.x_zero
    bias = (-zero * weights.astype(np.int64).sum(axis=axes)).astype(np.int32)
    mult, shift = conv_cases.scales(np.random.default_rng(8), weights, axes)
    return replace(case, contract=replace(c, weights=weights, bias=bias, mult=mult, shift=shift))


def convolutions(rng: Random) -> list[Case]:
    cases = []
    for x, out_c, kernel, step, pad, gap in CONVOLUTIONS:
        name = f"conv {named(x)} to {out_c}, {named(kernel)}{options(step, pad, gap)}"
        made = conv_cases.conv(
            rng, x, out_c, kernel, stride=(step, step), dilation=(gap, gap), pad=pad, why=name, x_zero=-128
        )
        cases.append(softened(made))
    grouped = conv_cases.conv(rng, (8, 8, 32), 32, (3, 3), pad=SAME, groups=4, why="conv 8x8x32 to 32, 3x3, 4 groups")
    for x, times, kernel, step, pad, gap in DEPTHWISE:
        name = f"depthwise {named(x)} times {times}, {named(kernel)}{options(step, pad, gap)}"
        made = conv_cases.depthwise(
            rng, x, kernel, multiplier_c=times, stride=(step, step), dilation=(gap, gap), pad=pad, why=name
        )
        cases.append(softened(made))
    turned = [
        conv_cases.conv_transpose(rng, x, out_c, kernel, stride=(step, step), pad=pad,
                                  why=f"conv {named(x)} to {out_c}, {named(kernel)}{options(step, pad, 1)}")
        for x, out_c, kernel, step, pad in TRANSPOSED
    ]  # fmt: skip
    return [*cases, softened(grouped), *turned]


def dense(rng: Random) -> list[Case]:
    return [conv_cases.fully_connected(rng, *sizes) for sizes in DENSE]


def pools(rng: Random) -> list[Case]:
    cases = []
    for x, kernel, step, pad in POOLS:
        window = Window(kernel, (step, step), (1, 1), pad[:2])
        out = out_size(x, x[2], kernel, (step, step), (1, 1), pad)
        name = f"{named(x)}, {named(kernel)}{options(step, pad, 1)}"
        inputs = (random_s8(rng, (1, *x)),)
        fixed = multiplier(np.array([1 / (kernel[0] * kernel[1])]))
        mean = AvgPoolS8(fixed.mult, fixed.shift, kernel[0] * kernel[1], True, window, x, out, -7, 3)
        cases.append(Case(f"max pool {name}", MaxPoolS8(window, x, out), inputs))
        cases.append(Case(f"average pool {name}", mean, inputs))
    for outer, n, inner in REDUCTIONS:
        inputs, name = (random_s8(rng, (outer, n, inner)),), named((outer, n, inner))
        fixed = multiplier(1 / n)
        mean_of = ReduceSumS8(int(fixed.mult[0]), fixed.shift, outer, n, inner, (outer, inner), -7, 3)
        cases.append(Case(f"mean {name}", mean_of, inputs))
        cases.append(Case(f"reduce max {name}", ReduceMaxS8(True, outer, n, inner, (outer, inner)), inputs))
        cases.append(Case(f"arg-max {name}", ArgMaxS8(True, False, outer, n, inner, (outer, inner)), inputs))
    return cases


def elementwise(rng: Random) -> list[Case]:
    cases = []
    for a, b in PAIRS:
        name, out = f"{named(a)} and {named(b)}", np.broadcast_shapes(a, b)
        fixed = multiplier(0.007)
        operands = elementwise_cases.operands(rng, a, b)
        cases.append(elementwise_cases.add(rng, a, b, name))
        cases.append(Case(f"mul {name}", MulS8(int(fixed.mult[0]), fixed.shift, out, a, b, 5, -3, 1), operands))
        cases.append(Case(f"max {name}", MinMaxS8(True, out, a, b), operands))
    for n in (1000, 16384):
        cases.append(Case(f"table {n}", LutS8(random_s8(rng, (256,)), n), (random_s8(rng, (n,)),)))
    for image in ((24, 24, 16), (9, 9, 50), (1, 40, 3)):
        fixed = multiplier(np.full(image[2] + 1, 0.3))
        slopes = (fixed.mult[:-1], np.ones(image[2], np.int8))
        prelu = PreluS8(int(fixed.mult[-1]), fixed.shift, *slopes, (1, *image), 3, -9)
        cases.append(Case(f"prelu {named(image)}", prelu, (random_s8(rng, (1, *image)),)))
    return cases


def others(rng: Random) -> list[Case]:
    cases = []
    for outer, n, inner in COLUMNS:
        shape = (outer, n, inner)
        inputs, name = (norm_cases.inputs(rng, *shape),), named(shape)
        cases.append(Case(f"softmax {name}", SoftmaxS8(exp_table(0.1), *shape, 256, -128, shape), inputs))
        log = LogSoftmaxS8.from_scales(
            x_scale=0.1, y_scale=1 / 16, y_zero=127, outer=outer, n=n, inner=inner, out_shape=shape
        )
        cases.append(Case(f"log-softmax {name}", log, inputs))
    return [*cases, *movement(rng), *norms_and_recurrent(rng)]


def movement(rng: Random) -> list[Case]:
    cases = [movement_cases.transpose(rng, *sizes) for sizes in TRANSPOSES]
    cases += [
        movement_cases.concat(rng, [(1, 16, 16, 24), (1, 16, 16, 8)], 3),
        movement_cases.concat(rng, [(1, 8, 8, 5), (1, 8, 8, 6), (1, 8, 8, 7)], 3),
        movement_cases.pad(rng, (1, 24, 24, 8), (0, 1, 1, 0), (0, 1, 1, 0), -128),
        movement_cases.pad(rng, (1, 48, 48, 1), (0, 1, 1, 0), (0, 1, 1, 0), -128),
    ]
    for outer, n, inner, taken in GATHERS:
        indices = rng.integers(0, n, taken).astype(np.uint16)
        contract = GatherS8(indices, outer, n, inner, (outer, taken, inner))
        cases.append(
            Case(f"gather {taken} of {named((outer, n, inner))}", contract, (random_s8(rng, (outer, n, inner)),))
        )
    for x, out in RESIZES:
        rows, cols = movement_cases.axis_table(x[0], out[0]), movement_cases.axis_table(x[1], out[1])
        bigger = ResizeLinearS8(*rows, *cols, x, (*out, x[2]))
        cases.append(Case(f"resize {named(x)} to {named(out)}", bigger, (random_s8(rng, (1, *x)),)))
    return cases


def norms_and_recurrent(rng: Random) -> list[Case]:
    cases = [norm_cases.layer_norm(rng, rows, n, 0.02, 1e-5, named((rows, n))) for rows, n in NORMS]
    for batch, rows, inner, cols in PRODUCTS:
        fixed = multiplier(1 / (70 * np.sqrt(inner)))
        sizes = (batch, rows, inner, cols)
        product = MatmulS8(
            *sizes, rows * inner, inner * cols, int(fixed.mult[0]), fixed.shift, (batch, rows, cols), 5, -7, 3
        )
        operands = (random_s8(rng, (batch, rows, inner)), random_s8(rng, (batch, inner, cols)))
        cases.append(Case(f"matmul {named(sizes)}", product, operands))
    for steps, inputs, hidden in RECURRENT:
        name = f"{steps}x{inputs} to {hidden}"
        cases += [recurrent_cases.lstm(rng, name, steps, inputs, hidden)]
        cases += [recurrent_cases.gru(rng, f"{name}{'' if after else ', the reset before'}", steps, inputs, hidden,
                                      after=after) for after in (True, False)]  # fmt: skip
    return cases


def four_bits(rng: Random) -> list[Case]:
    """Layers of the other families with weights in [-7, 7]."""
    wide = [case for case in [*convolutions(rng), *dense(rng)] if case.why in W4]
    return [replace(softened(case, W4_MAX), why=f"{W4_PREFIX}{case.why}") for case in wide]


FAMILIES: tuple[Callable[[Random], list[Case]], ...] = (convolutions, dense, pools, elementwise, others, four_bits)


@cache
def layers() -> dict[str, Case]:
    """Every layer by its name."""
    cases = [case for seed, family in enumerate(FAMILIES) for case in family(np.random.default_rng(seed))]
    found = {case.why: case for case in cases}
    assert len(found) == len(cases)
    return found


def named(sizes: Shape) -> str:
    return "x".join(map(str, sizes))


def options(step: int, pad: Pads, gap: int) -> str:
    """What of a window is not the usual."""
    padded = f", pad {named(pad)}" if any(pad) else ""
    return (f", stride {step}" if step > 1 else "") + padded + (f", dilation {gap}" if gap > 1 else "")
