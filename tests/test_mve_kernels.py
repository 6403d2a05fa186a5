"""MVE kernels on random shapes, and at every optimization level."""

from pathlib import Path

import numpy as np
import pytest

from edgewright.contracts.conv import ConvS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels import Kernel, all_kernels
from edgewright.targets import load_cpu
from tests.harness.conv_cases import conv, conv_table, extreme, fc_table, fully_connected
from tests.harness.kernel_program import Case, failures

CPU = load_cpu("cortex-m55")
TABLES = {ConvS8: conv_table, FcS8: fc_table}
KERNELS = [kernel for kernel in all_kernels() if kernel.isa == "mve" and kernel.contract in TABLES]


def random_conv(rng: np.random.Generator) -> Case:
    """A convolution of any shape that has an output."""
    while True:
        in_shape = (
            int(rng.integers(1, 12)),
            int(rng.integers(1, 12)),
            int(rng.choice([1, 2, 3, 5, 8, 15, 16, 17, 40])),
        )
        kernel = (int(rng.integers(1, 5)), int(rng.integers(1, 5))) if rng.random() < 0.7 else (1, 1)
        stride, dilation = (tuple(int(v) for v in rng.integers(1, 1 + high, 2)) for high in (3, 2))
        pad = tuple(int(v) for v in rng.integers(0, 3, 4)) if kernel != (1, 1) and rng.random() < 0.7 else (0, 0, 0, 0)
        reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        if in_shape[0] + pad[0] + pad[2] >= reach[0] and in_shape[1] + pad[1] + pad[3] >= reach[1]:
            low = int(rng.integers(-128, 0))
            return conv(
                rng, in_shape, int(rng.integers(1, 21)), kernel, stride=stride, dilation=dilation, pad=pad,
                act=(low, int(rng.integers(low + 1, 128))) if rng.random() < 0.3 else (-128, 127),
            )  # fmt: skip


def random_fc(rng: np.random.Generator) -> Case:
    rows = 1 if rng.random() < 0.6 else int(rng.integers(2, 8))
    return fully_connected(rng, rows, int(rng.integers(1, 330)), int(rng.integers(1, 40)))


RANDOM = {ConvS8: random_conv, FcS8: random_fc}


@pytest.mark.parametrize("kernel", KERNELS, ids=[f"{k.symbol}-{k.contract.__name__}" for k in KERNELS])
def test_random_shapes_equal_the_reference(kernel: Kernel, tmp_path: Path) -> None:
    rng = np.random.default_rng(2024)
    cases: list[Case] = []
    while len(cases) < 60:
        case = RANDOM[kernel.contract](rng)
        if kernel.refusal(case.contract) is None:
            cases.append(extreme(case) if rng.random() < 0.2 else case)
    assert failures(kernel, cases, CPU, tmp_path) == []


@pytest.mark.parametrize("optimize", ["-O1", "-O3", "-Os"])
@pytest.mark.parametrize("kernel", KERNELS, ids=[f"{k.symbol}-{k.contract.__name__}" for k in KERNELS])
def test_every_optimization_level(kernel: Kernel, optimize: str, tmp_path: Path) -> None:
    cases = [case for case in TABLES[kernel.contract]() if kernel.refusal(case.contract) is None]
    assert failures(kernel, cases, CPU, tmp_path, optimize=optimize) == []
