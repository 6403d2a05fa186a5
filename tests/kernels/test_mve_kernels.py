"""MVE kernels on random shapes, and at every optimization level."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from edgewright.contracts import Contract
from edgewright.contracts.conv import ConvS8, DepthwiseS8
from edgewright.contracts.dense import FcS8
from edgewright.contracts.elementwise import MulS8
from edgewright.kernels import AnyKernel, all_kernels
from edgewright.kernels.mve.elementwise import AddRowsKernel, MulRowsKernel
from edgewright.targets import load_cpu
from tests.harness.cases_by_contract import CONV, Table
from tests.harness.conv_cases import (
    Movement,
    conv,
    depthwise,
    extreme,
    fully_connected,
    random_pair,
    random_sides,
)
from tests.harness.elementwise_cases import add, operands
from tests.harness.kernel_program import Case, failures
from tests.harness.w4_cases import extreme as w4_extreme
from tests.harness.w4_cases import w4

CPU = load_cpu("cortex-m55")
TABLES: dict[type[Contract], Table] = {contract: CONV[contract] for contract in (ConvS8, DepthwiseS8, FcS8)}
KERNELS = [kernel for kernel in all_kernels() if kernel.isa == "mve" and kernel.contract in TABLES]
POINTWISE: Movement = {"stride": (1, 1), "dilation": (1, 1), "pad": (0, 0, 0, 0)}


def random_window(rng: np.random.Generator, longest: int) -> tuple[tuple[int, int], Movement]:
    """Kernel size, and how the kernel moves."""
    height, width = (k if rng.random() < 0.8 else 1 for k in random_pair(rng, 1, longest + 1))
    stride = random_pair(rng, 1, 4) if rng.random() < 0.5 else (1, 1)
    dilation = random_pair(rng, 1, 3) if rng.random() < 0.3 else (1, 1)
    pad = random_sides(rng, 3) if rng.random() < 0.7 else (0, 0, 0, 0)
    return (height, width), {"stride": stride, "dilation": dilation, "pad": pad}


def random_act(rng: np.random.Generator) -> tuple[int, int]:
    low = int(rng.integers(-128, 0))
    return (low, int(rng.integers(low + 1, 128))) if rng.random() < 0.3 else (-128, 127)


def fits(size: tuple[int, int], kernel: tuple[int, int], movement: Movement) -> bool:
    """Whether a window has at least one position."""
    dilation, pad = movement["dilation"], movement["pad"]
    return all(size[i] + pad[i] + pad[i + 2] > (kernel[i] - 1) * dilation[i] for i in range(2))


def random_conv(rng: np.random.Generator) -> Case:
    """A convolution of any shape that has an output."""
    while True:
        size = (int(rng.integers(1, 12)), int(rng.integers(1, 12)))
        in_c, out_c = int(rng.choice([1, 2, 3, 5, 8, 15, 16, 17, 40])), int(rng.integers(1, 21))
        kernel, movement = random_window(rng, 4) if rng.random() < 0.7 else ((1, 1), POINTWISE)
        if fits(size, kernel, movement):
            return conv(rng, (*size, in_c), out_c, kernel, **movement, act=random_act(rng))


def random_depthwise(rng: np.random.Generator) -> Case:
    """A depthwise convolution of any shape that has an output; often a long line."""
    while True:
        size = (int(rng.integers(1, 15)), int(rng.integers(1, 15)))
        kernel, movement = random_window(rng, 5)
        if rng.random() < 0.3:
            size, kernel = (int(rng.integers(1, 60)), int(rng.integers(1, 3))), (int(rng.integers(1, 17)), 1)
            if rng.random() < 0.5:
                size, kernel = size[::-1], kernel[::-1]
        if fits(size, kernel, movement):
            return depthwise(
                rng, (*size, int(rng.integers(1, 40))), kernel, multiplier_c=int(rng.choice([1, 1, 1, 2, 3])),
                **movement, act=random_act(rng),
            )  # fmt: skip


def random_fc(rng: np.random.Generator) -> Case:
    rows = 1 if rng.random() < 0.6 else int(rng.integers(2, 8))
    return fully_connected(rng, rows, int(rng.integers(1, 330)), int(rng.integers(1, 40)))


def random_case(kernel: AnyKernel, rng: np.random.Generator) -> Case:
    """A layer of any shape, some at their extremes; with weights of 4 bits for kernels that store them so."""
    case = RANDOM[kernel.contract](rng)
    if "w4" not in kernel.symbol:
        return extreme(case) if rng.random() < 0.2 else case
    if rng.random() < 0.2:
        return w4_extreme(w4(case, rng))
    return w4(case, rng, int(rng.integers(0, 5)), folded=bool(rng.integers(0, 2)))


RANDOM = {ConvS8: random_conv, DepthwiseS8: random_depthwise, FcS8: random_fc}


@pytest.mark.parametrize("kernel", KERNELS, ids=[f"{k.symbol}-{k.contract.__name__}" for k in KERNELS])
def test_random_shapes_equal_the_reference(kernel: AnyKernel, tmp_path: Path) -> None:
    rng, count = np.random.default_rng(2024), 20 if "w4" in kernel.symbol else 60
    tried = (random_case(kernel, rng) for _ in range(100_000))
    cases = list(islice((case for case in tried if kernel.refusal(case.contract) is None), count))
    assert len(cases) == count, "too few shapes that the kernel takes"
    assert failures(kernel, cases, CPU, tmp_path) == []


def test_several_segments_and_great_depths(tmp_path: Path) -> None:
    """Columns in more than one piece, stationary weights for more pixels than pass at once, rounds of the chain."""
    rng = np.random.default_rng(5)
    same = (1, 1, 1, 1)
    cases = [
        conv(rng, (61, 2, 24), 5, (3, 3), pad=same, why="segments of 3x3"),
        conv(rng, (150, 2, 16), 4, (3, 3), pad=same, why="segments of 3x3 over 16 channels"),
        conv(rng, (3, 70, 40), 6, (3, 3), dilation=(2, 1), pad=(2, 1, 2, 1), why="segments of separate windows"),
        conv(rng, (11, 17, 9), 6, (1, 1), why="one vector, 187 pixels"),
        conv(rng, (5, 5, 64), 7, (5, 5), pad=(2, 2, 2, 2), why="100 vectors"),
        *(conv(rng, (2, 3, 16 * n), 5, (1, 1), why=f"{n} vectors") for n in range(2, 22)),
    ]
    for kernel in KERNELS:
        some = [case for case in cases if kernel.contract is ConvS8 and kernel.refusal(case.contract) is None]
        assert not some or failures(kernel, some, CPU, tmp_path / kernel.symbol) == []


def test_elementwise_rows_that_repeat(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    shapes = [
        ((1, 3, 4, 19), (19,), "per channel"),
        ((1, 5, 1, 16), (1, 5, 3, 16), "first operand repeated in the middle"),
        ((2, 1, 33), (1, 4, 33), "both repeated"),
    ]
    sums = [add(rng, *shape, (-100, 90)) for shape in shapes]
    products = [
        Case(why, MulS8(1 << 24, 0, np.broadcast_shapes(a, b), a, b, -7, 9, 3, -90, 100), operands(rng, a, b))
        for a, b, why in shapes
    ]
    for kernel, cases in ((AddRowsKernel(), sums), (MulRowsKernel(), products)):
        assert all(kernel.refusal(case.contract) is None for case in cases)
        assert failures(kernel, cases, CPU, tmp_path / kernel.symbol) == []


@pytest.mark.parametrize("optimize", ["-O1", "-O3", "-Os"])
@pytest.mark.parametrize("kernel", KERNELS, ids=[f"{k.symbol}-{k.contract.__name__}" for k in KERNELS])
def test_every_optimization_level(kernel: AnyKernel, optimize: str, tmp_path: Path) -> None:
    cases = [case for case in TABLES[kernel.contract]() if kernel.refusal(case.contract) is None]
    assert failures(kernel, cases, CPU, tmp_path, optimize=optimize) == []
