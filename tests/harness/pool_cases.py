"""Random pooling, reduction and arg-max contracts."""

import numpy as np

from edgewright.contracts.conv import Window
from edgewright.contracts.pool import ArgMaxS8, AvgPoolS8, MaxPoolS8, ReduceMaxS8, ReduceSumS8
from edgewright.numerics import multiplier
from tests.harness.conv_cases import Random, out_size, random_s8
from tests.harness.kernel_program import Case

Pair = tuple[int, int]
Pads = tuple[int, int, int, int]
#: in_shape, kernel, stride, dilation, pad (top, left, bottom, right), why
WINDOWS: list[tuple[tuple[int, int, int], Pair, Pair, Pair, Pads, str]] = [
    ((8, 8, 16), (2, 2), (2, 2), (1, 1), (0, 0, 0, 0), "2x2 halving"),
    ((7, 9, 5), (3, 3), (2, 2), (1, 1), (1, 1, 1, 1), "3x3 with padding and tails"),
    ((6, 6, 33), (6, 6), (1, 1), (1, 1), (0, 0, 0, 0), "global"),
    ((5, 11, 3), (2, 3), (1, 2), (2, 1), (1, 0, 0, 2), "dilated, asymmetric"),
    ((1, 13, 4), (1, 4), (1, 3), (1, 1), (0, 1, 0, 2), "one row"),
    ((3, 3, 1), (3, 3), (1, 1), (1, 1), (2, 2, 2, 2), "corners see one element"),
    ((25, 5, 64), (25, 5), (25, 5), (1, 1), (0, 0, 0, 0), "kws global"),
]
#: outer, n, inner, why
REDUCTIONS = [
    (1, 49, 7, "mean over pixels"),
    (5, 13, 1, "along the last axis"),
    (3, 1, 4, "a single element"),
    (2, 30, 16, "whole vectors"),
    (1, 1000, 3, "long"),
]


def max_pool_table(seed: int = 21) -> list[Case]:
    rng = np.random.default_rng(seed)
    cases = []
    for in_shape, kernel, stride, dilation, pad, why in WINDOWS:
        out = out_size(in_shape, in_shape[2], kernel, stride, dilation, pad)
        contract = MaxPoolS8(Window(kernel, stride, dilation, pad[:2]), in_shape, out)
        cases.append(Case(f"max pool {why}", contract, (random_s8(rng, (1, *in_shape)),)))
    clamped = MaxPoolS8(Window((2, 2), (2, 2)), (6, 6, 3), (3, 3, 3), -20, 60)
    lowest = np.full((1, 6, 6, 3), -128, dtype=np.int8)
    cases.append(Case("max pool clamped", clamped, (random_s8(rng, (1, 6, 6, 3)),)))
    return [*cases, Case("max pool of the lowest value, clamped", clamped, (lowest,))]


def avg_pool(rng: Random, window: int, include_pad: bool, x_zero: int, y_zero: int) -> Case:
    in_shape, kernel, stride, dilation, pad, why = WINDOWS[window]
    out = out_size(in_shape, in_shape[2], kernel, stride, dilation, pad)
    inside = Window(kernel, stride, dilation, pad[:2])
    ones = inside.padded(np.ones((*in_shape[:2], 1), dtype=np.int64), *out[:2], 0)
    taps = [inside.tap(ones, i, j, *out[:2]) for i in range(kernel[0]) for j in range(kernel[1])]
    counts = np.sum(taps, axis=0)
    uniform = include_pad or counts.min() == counts.max()
    divisors = np.array([kernel[0] * kernel[1]]) if uniform else np.arange(counts.min(), counts.max() + 1)
    fixed = multiplier(rng.uniform(0.8, 1.2) / divisors)
    contract = AvgPoolS8(
        fixed.mult, fixed.shift, int(counts.min()), bool(uniform), inside, in_shape, out, x_zero, y_zero
    )
    return Case(f"average pool {why}, pad included {include_pad}", contract, (random_s8(rng, (1, *in_shape)),))


def avg_pool_table(seed: int = 22) -> list[Case]:
    rng = np.random.default_rng(seed)
    cases = [avg_pool(rng, k, False, int(rng.integers(-128, 128)), -5) for k in range(len(WINDOWS))]
    return [*cases, avg_pool(rng, 1, True, 127, -128), avg_pool(rng, 5, True, -128, 127)]


def reduce_sum_table(seed: int = 23) -> list[Case]:
    rng = np.random.default_rng(seed)
    cases = []
    for outer, n, inner, why in REDUCTIONS:
        fixed = multiplier(float(rng.uniform(0.6, 1.5) / n))
        zeros = (int(v) for v in rng.integers(-128, 128, 2))
        contract = ReduceSumS8(int(fixed.mult[0]), fixed.shift, outer, n, inner, (outer, inner), *zeros)
        cases.append(Case(f"mean {why}", contract, (random_s8(rng, (outer, n, inner)),)))
    worst = ReduceSumS8(2, 0, 1, 1000, 3, (1, 3), 127, 0)
    return [*cases, Case("mean of the lowest value", worst, (np.full((1, 1000, 3), -128, dtype=np.int8),))]


def reduce_max_table(seed: int = 24) -> list[Case]:
    rng = np.random.default_rng(seed)
    return [
        Case(
            f"reduce {'max' if is_max else 'min'} {why}",
            ReduceMaxS8(is_max, outer, n, inner, (outer, inner)),
            (random_s8(rng, (outer, n, inner)),),
        )
        for outer, n, inner, why in REDUCTIONS
        for is_max in (False, True)
    ]


def arg_max_table(seed: int = 25) -> list[Case]:
    rng = np.random.default_rng(seed)
    cases = []
    for is_max in (False, True):
        for select_last in (False, True):
            flags = f"max {is_max}, last {select_last}"
            for outer, n, inner, why in REDUCTIONS:
                contract = ArgMaxS8(is_max, select_last, outer, n, inner, (outer, inner))
                few = rng.integers(-3, 4, (outer, n, inner), dtype=np.int8)  # many equal values
                cases.append(Case(f"arg-max {why}, {flags}", contract, (few,)))
            ends = ArgMaxS8(is_max, select_last, 1, 9, 1, (1, 1))
            for value in (-128, 127):
                constant = np.full((1, 9, 1), value, dtype=np.int8)
                cases.append(Case(f"arg-max of {value} everywhere, {flags}", ends, (constant,)))
    return cases
