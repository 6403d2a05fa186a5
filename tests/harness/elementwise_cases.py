"""Random element-wise contracts: tails, broadcasting, extreme zero points, worst sums."""

import numpy as np

from edgewright.contracts import Contract
from edgewright.contracts.elementwise import AddS8, LutS8, MinMaxS8, MulS8, PreluS8
from edgewright.numerics import multiplier
from tests.harness.conv_cases import Random, random_s8
from tests.harness.kernel_program import Case

Shape = tuple[int, ...]
#: Operand shapes, and why each pair exists.
SAME_SHAPES: list[tuple[Shape, Shape, str]] = [
    ((1, 7, 5, 3), (1, 7, 5, 3), "prime sizes"),
    ((1, 8, 8, 16), (1, 8, 8, 16), "whole vectors"),
    ((1, 1, 1, 1), (1, 1, 1, 1), "one element"),
    ((1, 3, 3, 7), (1, 3, 3, 7), "tail of 15"),
]
BROADCAST_SHAPES: list[tuple[Shape, Shape, str]] = [
    ((1, 5, 7, 6), (6,), "per channel"),
    ((1, 5, 7, 6), (), "scalar"),
    ((1, 4, 1, 5), (1, 4, 3, 5), "first operand repeated in the middle"),
    ((2, 3, 1), (1, 3, 5), "both repeated"),
    ((1, 3, 4, 5), (1, 1, 4, 1), "rows repeated inside and outside"),
    ((3, 1, 5, 1, 2), (1, 4, 1, 3, 2), "four dimensions after merging"),
]


def out_shape(a: Shape, b: Shape) -> Shape:
    return np.broadcast_shapes(a, b)


def operands(rng: Random, a: Shape, b: Shape) -> tuple[np.ndarray, np.ndarray]:
    return random_s8(rng, a), random_s8(rng, b)


def add(rng: Random, a: Shape, b: Shape, why: str, act: tuple[int, int] = (-128, 127)) -> Case:
    a_mult, b_mult = (int(v) for v in rng.integers(1 << 17, 1 << 20, 2))
    shift = 20
    offset = (1 << (shift - 1)) - int(rng.integers(-100, 100)) * a_mult - int(rng.integers(-100, 100)) * b_mult
    contract = AddS8(
        a_mult, b_mult, offset, shift, out_shape(a, b), a_shape=a, b_shape=b, act_min=act[0], act_max=act[1]
    )
    return Case(f"add {why}", contract, operands(rng, a, b))


def add_table(seed: int = 11) -> list[Case]:
    rng = np.random.default_rng(seed)
    cases = [add(rng, *shapes) for shapes in SAME_SHAPES + BROADCAST_SHAPES]
    cases.append(add(rng, (1, 6, 5, 4), (1, 6, 5, 4), "clamped", (-30, 41)))
    shape = (1, 1, 2, 8)
    largest = (1 << 22) - 1
    worst = AddS8(largest, largest, (1 << 30) - 1, 22, shape, a_shape=shape, b_shape=shape)
    lows = np.full(shape, -128, dtype=np.int8)
    highs = np.full(shape, 127, dtype=np.int8)
    cases += [Case("add worst sum", worst, (highs, highs)), Case("add lowest sum", worst, (lows, lows))]
    negative = AddS8(3 << 18, -(3 << 18), 1 << 19, 20, shape, a_shape=shape, b_shape=shape)
    return [*cases, Case("subtract", negative, operands(rng, shape, shape))]


def mul_table(seed: int = 12) -> list[Case]:
    rng = np.random.default_rng(seed)
    cases = []
    for a, b, why in SAME_SHAPES + BROADCAST_SHAPES:
        fixed = multiplier(float(rng.uniform(0.002, 0.02)))
        zeros = (int(v) for v in rng.integers(-128, 128, 3))
        contract = MulS8(int(fixed.mult[0]), fixed.shift, out_shape(a, b), a, b, *zeros)
        cases.append(Case(f"mul {why}", contract, operands(rng, a, b)))
    shape = (1, 2, 3, 5)
    for zero in (-128, 127):
        fixed = multiplier(0.7)
        contract = MulS8(int(fixed.mult[0]), fixed.shift, shape, shape, shape, zero, zero, zero, -100, 90)
        cases.append(
            Case(f"mul zero points {zero}, clamped, factor above a half", contract, operands(rng, shape, shape))
        )
    return cases


def min_max_table(seed: int = 13) -> list[Case]:
    rng = np.random.default_rng(seed)
    return [
        Case(f"{'max' if is_max else 'min'} {why}", MinMaxS8(is_max, out_shape(a, b), a, b), operands(rng, a, b))
        for a, b, why in SAME_SHAPES + BROADCAST_SHAPES
        for is_max in (False, True)
    ]


def lut_table(seed: int = 14) -> list[Case]:
    rng = np.random.default_rng(seed)
    every = np.arange(-128, 128, dtype=np.int8)
    cases = [Case("lut of every value", LutS8(random_s8(rng, (256,)), 256), (every,))]
    return cases + [Case(f"lut n={n}", LutS8(random_s8(rng, (256,)), n), (random_s8(rng, (n,)),)) for n in (1, 13, 67)]


def prelu_table(seed: int = 15) -> list[Case]:
    rng = np.random.default_rng(seed)
    cases = []
    for shape, zeros in (
        ((1, 5, 3, 7), (3, -9)),
        ((1, 2, 2, 16), (-128, 127)),
        ((9, 1), (127, -128)),
        ((4, 3), (0, 0)),
    ):
        factors = rng.uniform(-0.9, 0.9, shape[-1])
        fixed = multiplier(np.array([*np.abs(factors), 0.8]))
        contract: Contract = PreluS8(
            int(fixed.mult[-1]),
            fixed.shift,
            fixed.mult[:-1],
            np.where(factors < 0, -1, 1).astype(np.int8),
            shape,
            *zeros,
        )
        cases.append(Case(f"prelu {shape} zero points {zeros}", contract, (random_s8(rng, shape),)))
    return cases
