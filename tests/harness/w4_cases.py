"""Layers whose weights fit 4 bits, with and without a left shift, for the bodies that store them so and all others."""

from dataclasses import replace

import numpy as np

from edgewright.contracts.conv import ConvS8, DepthwiseS8
from edgewright.contracts.dense import FcS8
from tests.harness.conv_cases import Random, conv, depthwise, fully_connected, scales
from tests.harness.kernel_program import Case

LARGEST = 7


def w4(case: Case, rng: Random, shift: int = 0, *, folded: bool = False, why: str = "") -> Case:
    """The same layer with random weights in [-7, 7].

    shift: a left shift of the sums, with multipliers that give the same outputs. folded: the shift is in the weights
    and biases instead, as the compiler puts it.
    """
    contract = case.contract
    assert isinstance(contract, ConvS8 | DepthwiseS8 | FcS8)
    weights = rng.integers(-LARGEST, LARGEST + 1, contract.weights.shape, dtype=np.int8)
    axes = (0, 1) if isinstance(contract, DepthwiseS8) else tuple(range(1, weights.ndim))
    mult, _ = scales(rng, weights, axes)
    zero = contract.x_zero if not isinstance(contract, FcS8) else int(rng.integers(-128, 128))
    bias = rng.integers(-500, 500, mult.size) - zero * weights.astype(np.int64).sum(axis=axes)
    mult = 2 * (mult >> shift + 1)
    moved = shift if folded else 0
    changed = replace(
        contract, weights=weights << moved, bias=bias.astype(np.int32) << moved, mult=mult, shift=shift - moved
    )
    how = f", {'weights' if folded else 'sums'} shifted by {shift}" if shift else ""
    return Case(f"4 bits, {why or case.why}{how}", changed, case.inputs)


def extreme(case: Case) -> Case:
    """The same layer with every weight at +-7 and every input at -128: the largest sums that 4 bits give."""
    contract = case.contract
    assert isinstance(contract, ConvS8 | DepthwiseS8 | FcS8)
    weights = np.where(contract.weights >= 0, LARGEST, -LARGEST).astype(np.int8)
    return Case(f"extreme {case.why}", replace(contract, weights=weights), (np.full_like(case.inputs[0], -128),))


def variants(cases: list[Case], rng: Random) -> list[Case]:
    """Each case plain, at its extremes, with a shift that the kernel does, and with one that the weights took."""
    plain = [w4(case, rng) for case in cases]
    shifted = [w4(case, rng, 1 + number % 4) for number, case in enumerate(cases)]
    folded = [w4(case, rng, 1 + number % 4, folded=True) for number, case in enumerate(cases)]
    return [*plain, *map(extreme, plain), *shifted, *folded]


def conv_table(seed: int = 6) -> list[Case]:
    """What a nibble, a block of channels, a run or a slab could leave over."""
    rng = np.random.default_rng(seed)
    same = (1, 1, 1, 1)
    cases = [
        conv(rng, (5, 5, 64), 64, (1, 1), why="kws pointwise, four slabs, odd pixel count"),
        conv(rng, (3, 3, 7), 6, (1, 1), why="half a K pair, a record over its neighbour"),
        conv(rng, (4, 2, 10), 19, (1, 1), act=(-20, 90), why="an odd K pair, a slab of three, clamped"),
        conv(rng, (5, 5, 300), 5, (1, 1), why="sums past a run of Armv6-M and past a word of DSP"),
        conv(rng, (7, 7, 16), 24, (1, 1), stride=(2, 2), why="strided pointwise"),
        conv(rng, (9, 7, 5), 6, (3, 3), pad=same, why="3x3 with tails everywhere"),
        conv(rng, (9, 6, 16), 18, (3, 3), pad=same, why="16 channels, odd height, a slab of two"),
        conv(rng, (12, 12, 3), 8, (3, 3), stride=(2, 2), pad=(0, 0, 1, 1), why="first layer"),
        conv(rng, (11, 10, 1), 16, (10, 4), stride=(2, 2), pad=(4, 1, 5, 1), why="kws first layer"),
        conv(rng, (7, 8, 6), 9, (5, 3), stride=(1, 2), dilation=(1, 2), pad=(2, 1, 2, 1), why="everything at once"),
        conv(rng, (4, 4, 8), 12, (3, 3), pad=same, groups=4, why="grouped"),
        conv(rng, (1, 20, 8), 8, (1, 5), pad=(0, 2, 0, 2), why="1-D convolution"),
        conv(rng, (3, 4, 5), 6, (3, 4), why="window of the whole input"),
        conv(rng, (3, 3, 2), 3, (1, 1), why="fewer outputs than a block"),
    ]
    return variants(cases, rng)


def depthwise_table(seed: int = 7) -> list[Case]:
    """Channels that fill words and vectors of nibbles, and that do not, for every kind of plane."""
    rng = np.random.default_rng(seed)
    same = (1, 1, 1, 1)
    cases = [
        depthwise(rng, (17, 6, 20), (3, 3), pad=same, why="3x3 in a band of more than 14 rows"),
        depthwise(rng, (7, 9, 21), (3, 3), pad=same, act=(-90, 80), why="3x3 with tails everywhere, clamped"),
        depthwise(rng, (9, 7, 19), (3, 3), stride=(2, 2), pad=same, why="stride 2"),
        depthwise(rng, (8, 9, 8), (5, 5), pad=(2, 2, 2, 2), why="5x5"),
        depthwise(rng, (11, 1, 17), (5, 1), why="a column"),
        depthwise(rng, (4, 3, 33), (4, 3), why="window of the whole input"),
        depthwise(rng, (6, 6, 3), (3, 3), multiplier_c=2, pad=same, why="channel multiplier"),
    ]
    return variants(cases, rng)


def fc_table(seed: int = 8) -> list[Case]:
    """Rows and outputs that fill the blocks of every instruction set, and that do not."""
    rng = np.random.default_rng(seed)
    whys = {
        (1, 320, 24): "many inputs: rounds, runs and chains",
        (1, 8, 128): "a single four of K pairs",
        (1, 33, 12): "an odd K pair, half a block of eight",
        (2, 130, 15): "rows, outputs beyond fours and eights",
        (1, 7, 5): "fewer inputs than a word",
        (5, 16, 4): "rows of one vector",
        (3, 1, 2): "one input, fewer outputs than a block",
    }
    return variants([fully_connected(rng, *size, why=f"fc {size}: {why}") for size, why in whys.items()], rng)
