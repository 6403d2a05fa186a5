"""Random convolutions with their contracts, for every convolution kernel of every ISA."""

from dataclasses import replace
from typing import TypedDict

import numpy as np

from edgewright.contracts.conv import ConvS8, ConvTransposeS8, DepthwiseS8, Window
from edgewright.contracts.dense import FcS8, MatmulS8
from edgewright.numerics import multiplier
from tests.harness.kernel_program import Case

Random = np.random.Generator


def scales(rng: Random, weights: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, int]:
    """Multipliers per channel that spread the outputs over int8."""
    norm = np.sqrt((weights.astype(np.float64) ** 2).sum(axis=axes)) + 1.0
    factor = rng.uniform(0.3, 1.2, norm.shape) / (norm * 1.2)
    fixed = multiplier(factor)
    return fixed.mult, fixed.shift


def random_s8(rng: Random, shape: tuple[int, ...], low: int = -128) -> np.ndarray:
    return rng.integers(low, 128, shape, dtype=np.int8)


class Movement(TypedDict):
    """How a window moves, as `conv` and `depthwise` take it; pad is top, left, bottom, right."""

    stride: tuple[int, int]
    dilation: tuple[int, int]
    pad: tuple[int, int, int, int]


def random_pair(rng: Random, low: int, high: int) -> tuple[int, int]:
    """Two of low to high - 1, for the height and the width."""
    height, width = rng.integers(low, high, 2).tolist()
    return height, width


def random_sides(rng: Random, high: int) -> tuple[int, int, int, int]:
    """Padding of 0 to high - 1 on each side."""
    top, left, bottom, right = rng.integers(0, high, 4).tolist()
    return top, left, bottom, right


def conv(
    rng: Random,
    in_shape: tuple[int, int, int],
    out_c: int,
    kernel: tuple[int, int],
    *,
    stride: tuple[int, int] = (1, 1),
    dilation: tuple[int, int] = (1, 1),
    pad: tuple[int, int, int, int] = (0, 0, 0, 0),
    groups: int = 1,
    why: str = "",
    x_zero: int | None = None,
    act: tuple[int, int] = (-128, 127),
) -> Case:
    """A convolution of random weights; pad is top, left, bottom, right."""
    weights = random_s8(rng, (out_c, *kernel, in_shape[2] // groups), -127)
    zero = int(rng.integers(-128, 128)) if x_zero is None else x_zero
    mult, shift = scales(rng, weights, (1, 2, 3))
    bias = rng.integers(-2000, 2000, out_c) - zero * weights.astype(np.int64).sum(axis=(1, 2, 3))
    contract = ConvS8(
        weights, bias.astype(np.int32), mult, shift, Window(kernel, stride, dilation, pad[:2]), in_shape,
        out_size(in_shape, out_c, kernel, stride, dilation, pad), zero, int(rng.integers(-128, 128)), *act, groups,
    )  # fmt: skip
    return Case(why or f"conv {in_shape}->{out_c} k{kernel} s{stride} d{dilation} p{pad} g{groups}", contract,
                (random_s8(rng, (1, *in_shape)),))  # fmt: skip


def depthwise(
    rng: Random,
    in_shape: tuple[int, int, int],
    kernel: tuple[int, int],
    *,
    multiplier_c: int = 1,
    stride: tuple[int, int] = (1, 1),
    dilation: tuple[int, int] = (1, 1),
    pad: tuple[int, int, int, int] = (0, 0, 0, 0),
    why: str = "",
    act: tuple[int, int] = (-128, 127),
) -> Case:
    """A depthwise convolution of random weights."""
    out_c = in_shape[2] * multiplier_c
    weights = random_s8(rng, (*kernel, out_c), -127)
    zero = int(rng.integers(-128, 128))
    mult, shift = scales(rng, weights, (0, 1))
    bias = rng.integers(-2000, 2000, out_c) - zero * weights.astype(np.int64).sum(axis=(0, 1))
    contract = DepthwiseS8(
        weights, bias.astype(np.int32), mult, shift, Window(kernel, stride, dilation, pad[:2]), in_shape,
        out_size(in_shape, out_c, kernel, stride, dilation, pad), zero, int(rng.integers(-128, 128)), *act,
    )  # fmt: skip
    return Case(why or f"depthwise {in_shape}x{multiplier_c} k{kernel} s{stride} d{dilation} p{pad}", contract,
                (random_s8(rng, (1, *in_shape)),))  # fmt: skip


def fully_connected(rng: Random, rows: int, in_features: int, out_features: int, why: str = "") -> Case:
    """A fully connected layer of random weights."""
    weights = random_s8(rng, (out_features, in_features), -127)
    mult, shift = scales(rng, weights, (1,))
    zero = int(rng.integers(-128, 128))
    bias = rng.integers(-2000, 2000, out_features) - zero * weights.astype(np.int64).sum(axis=1)
    contract = FcS8(
        weights, bias.astype(np.int32), mult, shift, rows, (rows, out_features), int(rng.integers(-128, 128))
    )
    return Case(why or f"fc {rows}x{in_features}->{out_features}", contract, (random_s8(rng, (rows, in_features)),))


def extreme(case: Case) -> Case:
    """The same layer with every weight at +-127 and every input at -128: the worst accumulators."""
    contract = case.contract
    assert isinstance(contract, ConvS8 | DepthwiseS8 | FcS8)
    weights = np.where(contract.weights >= 0, 127, -127).astype(np.int8)
    axes = (0, 1) if isinstance(contract, DepthwiseS8) else tuple(range(1, weights.ndim))
    zero = getattr(contract, "x_zero", 127)
    bias = -zero * weights.astype(np.int64).sum(axis=axes)
    x = np.full_like(case.inputs[0], -128)
    return Case(f"extreme {case.why}", replace(contract, weights=weights, bias=bias.astype(np.int32)), (x,))


def every_size(case: Case, rng: Random) -> Case:
    """The same layer with sums from nothing to the whole of int32, and multipliers of every size to match."""
    contract = case.contract
    assert isinstance(contract, ConvS8 | DepthwiseS8 | FcS8)
    n = contract.bias.size
    bits = rng.uniform(3, 30.9, n)
    bias = rng.choice([-1, 1], n) * np.exp2(bits)
    mult = np.minimum(2 * np.rint(np.exp2(38 - bits) * rng.uniform(0.1, 1.2, n)), 2**31 - 2)
    weights = rng.integers(-2, 3, contract.weights.shape, dtype=np.int8)
    bias, mult = bias.astype(np.int32), np.maximum(mult, 0).astype(np.int32)
    return replace(
        case,
        why=f"sums of every size, {case.why}",
        contract=replace(contract, weights=weights, bias=bias, mult=mult, shift=0),
    )


def out_size(
    in_shape: tuple[int, int, int],
    out_c: int,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    pad: tuple[int, int, int, int],
) -> tuple[int, int, int]:
    """Output [h, w, c] of a convolution."""
    h = (in_shape[0] + pad[0] + pad[2] - (kernel[0] - 1) * dilation[0] - 1) // stride[0] + 1
    w = (in_shape[1] + pad[1] + pad[3] - (kernel[1] - 1) * dilation[1] - 1) // stride[1] + 1
    return h, w, out_c


def conv_table(seed: int = 1) -> list[Case]:
    """Shapes of real models, tails, strides, dilation, asymmetric padding, groups and worst cases."""
    rng = np.random.default_rng(seed)
    same = (1, 1, 1, 1)
    cases = [
        conv(rng, (5, 5, 64), 64, (1, 1), why="kws pointwise, odd pixel count"),
        conv(rng, (6, 6, 8), 16, (1, 1), why="narrow pointwise"),
        conv(rng, (3, 3, 7), 5, (1, 1), why="pointwise with odd channels"),
        conv(rng, (1, 1, 3), 1, (1, 1), why="a single pixel and output"),
        conv(rng, (7, 7, 16), 24, (1, 1), stride=(2, 2), why="strided pointwise"),
        conv(rng, (4, 5, 6), 5, (1, 1), stride=(2, 1), pad=(0, 0, 3, 2), why="pointwise, padded at the end only"),
        conv(rng, (8, 8, 16), 16, (3, 3), pad=same, why="3x3 same"),
        conv(rng, (9, 7, 5), 6, (3, 3), pad=same, why="3x3 with tails everywhere"),
        conv(rng, (12, 12, 3), 8, (3, 3), stride=(2, 2), pad=(0, 0, 1, 1), why="first layer, three channels"),
        conv(rng, (49, 10, 1), 16, (10, 4), stride=(2, 2), pad=(4, 1, 5, 1), why="kws first layer"),
        conv(rng, (8, 8, 32), 16, (3, 3), stride=(2, 2), pad=(0, 0, 1, 1), why="asymmetric padding"),
        conv(rng, (10, 11, 4), 4, (3, 3), dilation=(2, 2), pad=(2, 2, 2, 2), why="dilated"),
        conv(rng, (10, 11, 6), 9, (5, 3), stride=(1, 2), dilation=(1, 2), pad=(2, 1, 2, 1), why="everything at once"),
        conv(rng, (6, 6, 8), 12, (3, 3), pad=same, groups=4, why="grouped"),
        conv(rng, (1, 20, 8), 8, (1, 5), pad=(0, 2, 0, 2), why="1-D convolution"),
        conv(rng, (4, 4, 2), 3, (7, 7), pad=(3, 3, 3, 3), why="window larger than the input"),
        conv(rng, (6, 6, 16), 8, (1, 1), act=(-20, 90), why="clamped activation"),
        conv(rng, (5, 5, 300), 3, (1, 1), why="deep pointwise"),
    ]
    sums = conv(rng, (3, 3, 4), 96, (1, 1), why="pointwise")
    more = [
        conv(rng, (5, 13, 60), 72, (1, 1), why="pointwise, many weights and pixels, odd pixel count"),
        conv(rng, (9, 8, 38), 13, (3, 3), pad=same, why="3x3, many weights and pixels"),
        conv(rng, (9, 9, 6), 1, (1, 1), why="one output, many pixels"),
        conv(rng, (17, 17, 4), 1, (3, 3), stride=(2, 2), pad=same, why="3x3, one output, odd pixel count"),
        conv(rng, (3, 12, 4), 9, (1, 3), stride=(2, 1), dilation=(2, 2), pad=(0, 1, 0, 1), why="a dilated row"),
        conv(rng, (9, 7, 4), 9, (3, 1), dilation=(2, 3), pad=(0, 0, 3, 0), why="a dilated column"),
        conv(rng, (11, 8, 3), 1, (3, 1), dilation=(1, 2), pad=(2, 0, 2, 0), why="narrow runs, one output channel"),
        conv(rng, (3, 4, 5), 6, (3, 4), why="window of the whole input"),
        conv(rng, (9, 6, 16), 18, (3, 3), pad=same, why="16 channels, odd height, outputs beyond a block"),
        conv(rng, (3, 4, 2), 5, (1, 1), why="two inputs"),
    ]
    first = [
        conv(rng, (7, 9, 3), 17, (3, 3), pad=same, why="first layer, odd width, outputs beyond a block"),
        conv(rng, (6, 5, 1), 9, (3, 3), pad=(0, 1, 1, 0), act=(-100, 80), why="first layer, one channel, clamped"),
        conv(rng, (8, 7, 3), 12, (3, 3), stride=(1, 2), act=(-100, 80), why="first layer, unpadded, clamped"),
        conv(rng, (3, 3, 3), 9, (3, 3), stride=(2, 1), why="first layer, one pixel"),
        conv(rng, (5, 4, 3), 8, (3, 3), stride=(2, 2), pad=(2, 2, 1, 1), why="first layer, wide padding"),
    ]
    more += [*first, *map(extreme, first)]
    return [*cases, *[extreme(case) for case in cases[:8]], every_size(sums, rng), *more]


def depthwise_table(seed: int = 2) -> list[Case]:
    rng = np.random.default_rng(seed)
    same = (1, 1, 1, 1)
    cases = [
        depthwise(rng, (25, 5, 64), (3, 3), pad=same, why="kws depthwise"),
        depthwise(rng, (12, 12, 8), (3, 3), stride=(2, 2), pad=(0, 0, 1, 1), why="stride 2, asymmetric"),
        depthwise(rng, (7, 9, 5), (3, 3), pad=same, why="tails everywhere"),
        depthwise(rng, (6, 6, 3), (3, 3), multiplier_c=2, pad=same, why="channel multiplier"),
        depthwise(rng, (8, 8, 4), (5, 5), pad=(2, 2, 2, 2), why="5x5"),
        depthwise(rng, (28, 1, 32), (9, 1), pad=(0, 0, 0, 0), why="sww: N x 1 without padding"),
        depthwise(rng, (9, 9, 4), (3, 3), dilation=(2, 2), pad=(2, 2, 2, 2), why="dilated"),
        depthwise(rng, (1, 1, 16), (3, 3), pad=same, why="a single pixel"),
        depthwise(rng, (6, 6, 4), (6, 6), why="whole input"),
        depthwise(rng, (11, 7, 12), (3, 3), stride=(2, 2), pad=same, act=(-100, 20), why="odd sizes, clamped"),
        depthwise(rng, (15, 1, 20), (15, 1), why="N x 1 over the whole input"),
        depthwise(rng, (13, 3, 18), (3, 3), pad=same, why="odd width, channels beyond a group of 16"),
        depthwise(rng, (9, 10, 17), (5, 5), stride=(2, 2), pad=(2, 1, 2, 2), why="5x5, stride 2"),
    ]
    sums = depthwise(rng, (3, 3, 96), (3, 3), pad=same, why="3x3")
    more = [
        depthwise(rng, (15, 7, 6), (5, 5), pad=(2, 2, 2, 2), why="5x5, more than 12 rows, odd width"),
        depthwise(rng, (2, 9, 8), (5, 5), pad=(2, 2, 2, 2), why="5x5, fewer rows than the window"),
        depthwise(rng, (19, 4, 5), (3, 3), pad=same, multiplier_c=2, why="narrow and tall, channel multiplier"),
    ]
    halved = [
        depthwise(rng, (9, 11, 16), (3, 3), stride=(2, 2), pad=same, why="stride 2, odd sizes, a block of 16"),
        depthwise(rng, (6, 8, 27), (3, 3), stride=(2, 2), pad=(0, 0, 1, 1), act=(-90, 70), why="stride 2, clamped"),
        depthwise(rng, (5, 4, 33), (3, 3), stride=(1, 2), pad=(1, 0, 1, 1), why="stride 1 down, 2 along"),
    ]
    lines = [
        depthwise(rng, (1, 13, 17), (1, 4), pad=(0, 2, 0, 1), act=(-90, 70), why="a row, padded, clamped"),
        depthwise(rng, (10, 1, 33), (5, 1), pad=(4, 0, 4, 0), why="a column with as much padding as taps"),
        depthwise(rng, (5, 1, 16), (1, 1), why="a column, one tap"),
    ]
    more += [*halved, *lines, *map(extreme, halved + lines)]
    return [*cases, *[extreme(case) for case in cases[:4]], every_size(sums, rng), *more]


def fc_table(seed: int = 3) -> list[Case]:
    rng = np.random.default_rng(seed)
    sizes = [(1, 64, 12), (1, 640, 128), (1, 128, 8), (1, 8, 128), (1, 7, 5), (1, 1, 1), (3, 33, 9), (5, 16, 16)]
    cases = [fully_connected(rng, *size) for size in sizes]
    sums = fully_connected(rng, 2, 5, 97)
    return [*cases, *[extreme(case) for case in cases[:3]], every_size(sums, rng)]


def conv_transpose(
    rng: Random,
    in_shape: tuple[int, int, int],
    out_c: int,
    kernel: tuple[int, int],
    *,
    stride: tuple[int, int] = (2, 2),
    dilation: tuple[int, int] = (1, 1),
    pad: tuple[int, int, int, int] = (0, 0, 0, 0),
    why: str,
) -> Case:
    """A transposed convolution of random weights; a negative bottom or right pad widens the output."""
    weights = random_s8(rng, (out_c, *kernel, in_shape[2]), -127)
    mult, shift = scales(rng, weights, (1, 2, 3))
    h = (in_shape[0] - 1) * stride[0] + (kernel[0] - 1) * dilation[0] + 1 - pad[0] - pad[2]
    w = (in_shape[1] - 1) * stride[1] + (kernel[1] - 1) * dilation[1] + 1 - pad[1] - pad[3]
    bias = rng.integers(-2000, 2000, out_c).astype(np.int32)
    window = Window(kernel, stride, dilation, pad[:2])
    zeros = (int(v) for v in rng.integers(-128, 128, 2))
    contract = ConvTransposeS8(weights, bias, mult, shift, window, in_shape, (h, w, out_c), *zeros)
    return Case(f"transposed {why}", contract, (random_s8(rng, (1, *in_shape)),))


def conv_transpose_table(seed: int = 4) -> list[Case]:
    rng = np.random.default_rng(seed)
    return [
        conv_transpose(rng, (4, 5, 6), 3, (2, 2), why="2x2 doubling"),
        conv_transpose(rng, (5, 3, 4), 5, (3, 3), pad=(1, 1, 1, 1), why="3x3 overlapping"),
        conv_transpose(rng, (3, 4, 7), 2, (3, 3), pad=(1, 1, 0, 0), why="asymmetric"),
        conv_transpose(rng, (3, 4, 2), 3, (2, 3), stride=(3, 1), dilation=(1, 2), pad=(0, 1, -2, 2), why="with gaps"),
        conv_transpose(rng, (1, 1, 16), 8, (4, 4), stride=(1, 1), why="a single pixel"),
    ]


def matmul_table(seed: int = 5) -> list[Case]:
    rng = np.random.default_rng(seed)
    cases = []
    for batch, rows, inner, cols, a_step, b_step in (
        (1, 5, 7, 3, 0, 0),
        (4, 8, 16, 8, 1, 1),
        (3, 2, 33, 5, 1, 0),
        (2, 1, 1, 1, 0, 1),
    ):
        fixed = multiplier(float(rng.uniform(0.3, 1.0) / (70 * np.sqrt(inner))))
        a = random_s8(rng, (batch if a_step else 1, rows, inner))
        b = random_s8(rng, (batch if b_step else 1, inner, cols))
        zeros = (int(v) for v in rng.integers(-128, 128, 3))
        contract = MatmulS8(
            batch, rows, inner, cols, a_step * rows * inner, b_step * inner * cols, int(fixed.mult[0]), fixed.shift,
            (batch, rows, cols), *zeros,
        )  # fmt: skip
        cases.append(Case(f"matmul {batch}x{rows}x{inner}x{cols}", contract, (a, b)))
    low = MatmulS8(1, 2, 700, 2, 0, 0, 20, 0, (1, 2, 2), 127, 127, 0)
    cases.append(Case("matmul worst sum", low, (np.full((2, 700), -128, np.int8), np.full((700, 2), -128, np.int8))))
    return cases
