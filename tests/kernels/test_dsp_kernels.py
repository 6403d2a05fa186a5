"""DSP kernels on random shapes and at every optimization level, and their weight packing."""

import re
from pathlib import Path

import numpy as np
import pytest

from edgewright.kernels import all_kernels
from edgewright.kernels.dsp.conv import PADDED_MAX
from edgewright.kernels.dsp.packing import NOTHING, PAIR_LIMIT, k_pairs, quad_stream, stream
from edgewright.targets import Cpu, load_cpu
from tests.harness.cases_by_contract import CONV, ELEMENTWISE, POOL, Assigned, one_kernel
from tests.harness.conv_cases import Random, conv, depthwise, extreme, fully_connected, random_pair
from tests.harness.kernel_program import RUNTIME, Case, failures

#: Thumb-2 and A32.
CPUS = [load_cpu("cortex-m4"), load_cpu("arm1176jzf-s")]
TABLES = {**CONV, **ELEMENTWISE, **POOL}
KERNELS = [kernel for kernel in all_kernels() if kernel.isa == "dsp" and kernel.contract in TABLES]


def assigned(cases: list[Case]) -> list[Case]:
    """Each case once for every DSP kernel that takes it."""
    return [
        Case(f"{kernel.symbol}: {case.why}", Assigned(kernel, case.contract), case.inputs)
        for kernel in KERNELS
        for case in cases
        if isinstance(case.contract, kernel.contract) and kernel.refusal(case.contract) is None
    ]


def random_act(rng: Random) -> tuple[int, int]:
    return (int(rng.integers(-128, 0)), int(rng.integers(0, 128))) if rng.random() < 0.3 else (-128, 127)


def random_pads(rng: Random, kernel: tuple[int, int]) -> tuple[int, int, int, int]:
    """Padding of up to a whole kernel on each side, top, left, bottom, right; often none or the same around."""
    if rng.random() < 0.4:
        return (kernel[0] // 2, kernel[1] // 2, kernel[0] // 2, kernel[1] // 2)
    pads = [int(rng.integers(0, k + 1)) if rng.random() < 0.5 else 0 for k in (*kernel, *kernel)]
    return pads[0], pads[1], pads[2], pads[3]


def random_sizes(rng: Random, kernel: tuple[int, int], dilation: tuple[int, int], largest: int) -> tuple[int, int]:
    """An input in which an undilated or dilated window fits without padding."""
    height, width = ((k - 1) * d + 1 + int(rng.integers(0, largest)) for k, d in zip(kernel, dilation, strict=True))
    return height, width


def random_conv(rng: Random) -> Case:
    """Kernels of 1 to 5, steps, dilation, padding, few or many channels, sometimes many pixels."""
    kernel = random_pair(rng, 1, 6) if rng.random() < 0.5 else (3, 3)
    stride = random_pair(rng, 1, 4) if rng.random() < 0.4 else (1, 1)
    dilation = random_pair(rng, 1, 4) if rng.random() < 0.2 else (1, 1)
    size = random_sizes(rng, kernel, dilation, 24 if rng.random() < 0.3 else 8)
    in_c = int(rng.integers(1, 5)) if rng.random() < 0.4 else int(rng.choice([4, 5, 6, 7, 8, 12, 16, 20, 35]))
    out_c = int(rng.integers(1, 18))
    return conv(rng, (*size, in_c), out_c, kernel, stride=stride, dilation=dilation, pad=random_pads(rng, kernel),
                act=random_act(rng))  # fmt: skip


def random_pointwise(rng: Random) -> Case:
    size = random_pair(rng, 1, 12)
    channels = [int(v) for v in rng.integers(1, 70, 2)]
    return conv(rng, (*size, channels[0]), channels[1], (1, 1), act=random_act(rng))


def random_depthwise(rng: Random) -> Case:
    if rng.random() < 0.4:  # narrow and tall, or with larger windows
        size = (int(rng.integers(5, 45)), int(rng.integers(5, 8)))
        kernel = (5, 5) if rng.random() < 0.5 else (3, 3)
        return depthwise(rng, (*size, int(rng.integers(4, 14))), kernel, pad=random_pads(rng, kernel))
    kernel = random_pair(rng, 1, 6) if rng.random() < 0.5 else (3, 3)
    kernel = (kernel[0] * 3, 1) if rng.random() < 0.2 else kernel
    stride = random_pair(rng, 1, 4) if rng.random() < 0.4 else (1, 1)
    dilation = random_pair(rng, 1, 3) if rng.random() < 0.2 else (1, 1)
    size = random_sizes(rng, kernel, dilation, 24 if rng.random() < 0.3 else 8)
    multiplier = int(rng.integers(2, 4)) if rng.random() < 0.2 else 1
    return depthwise(rng, (*size, int(rng.integers(1, 20))), kernel, multiplier_c=multiplier, stride=stride,
                     dilation=dilation, pad=random_pads(rng, kernel), act=random_act(rng))  # fmt: skip


def random_fc(rng: Random) -> Case:
    if rng.random() < 0.5:
        return fully_connected(rng, int(rng.integers(1, 4)), int(rng.integers(60, 200)), int(rng.integers(69, 90)))
    return fully_connected(rng, int(rng.integers(1, 9)), int(rng.integers(1, 40)), int(rng.integers(1, 20)))


@pytest.mark.parametrize("cpu", CPUS, ids=lambda cpu: cpu.name)
@pytest.mark.parametrize("seed", range(6))
def test_random_shapes(seed: int, cpu: Cpu, tmp_path: Path) -> None:
    rng = np.random.default_rng(1000 + seed)
    makers = (random_conv, random_pointwise, random_depthwise, random_fc)
    cases = [maker(rng) for maker in makers for _ in range(8)]
    cases += [extreme(case) for case in cases[::5]]
    assert failures(one_kernel(KERNELS), assigned(cases), cpu, tmp_path) == []


@pytest.mark.parametrize("cpu", CPUS, ids=lambda cpu: cpu.name)
@pytest.mark.parametrize("optimize", ["-O0", "-Os", "-O3"])
def test_every_optimization_level(optimize: str, cpu: Cpu, tmp_path: Path) -> None:
    cases = [case for table in TABLES.values() for case in table()]
    assert failures(one_kernel(KERNELS), assigned(cases), cpu, tmp_path, optimize=optimize) == []


@pytest.mark.parametrize(("runs", "length"), [(1, 1), (1, 64), (3, 9), (10, 4), (9, 5), (2, 7)])
def test_k_pairs_hold_every_input_once(runs: int, length: int) -> None:
    inputs = k_pairs(runs, length).reshape(-1)
    used = inputs[inputs != NOTHING]
    assert sorted(used) == list(range(runs * length))
    assert inputs.size - used.size == runs * (length % 4) % 2


def wide_layer(out_c: int, wide: set[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights of 1, and biases that carry the channels in `wide` past what a pair can hold."""
    bias = np.array([PAIR_LIMIT if channel in wide else 0 for channel in range(out_c)], dtype=np.int32)
    return np.ones((out_c, 4), dtype=np.int8), bias, np.full(out_c, 1 << 20, dtype=np.int32)


def headers(words: np.ndarray) -> tuple[list[tuple[int, int]], list[int]]:
    """Runs (first channel, pairs) and singles of a pair stream with two K pairs, records of six words."""
    at, runs, singles = 0, [], []
    while words[at]:
        runs.append((int(words[at + 1]), int(words[at]) // 24))
        at += 2 + int(words[at]) // 4
    count, at = int(words[at + 2]), at + 3
    for _ in range(count):
        singles.append(int(words[at]))
        at += 1 + 2 + int(words[at + 1]) // 4 + 2
    assert at == len(words)
    return runs, singles


@pytest.mark.parametrize(
    ("out_c", "wide", "runs", "singles"),
    [
        (4, set(), [(0, 2)], []),
        (5, set(), [(0, 2), (3, 1)], []),
        (1, set(), [], [0]),
        (4, {1}, [(1, 1), (2, 1)], [0]),
        (4, {0}, [(0, 2)], []),
        (5, {4}, [(0, 2)], [4]),
        (3, {0, 1, 2}, [], [0, 1, 2]),
    ],
)
def test_channels_that_cannot_be_paired(
    out_c: int, wide: set[int], runs: list[tuple[int, int]], singles: list[int]
) -> None:
    found = headers(stream(wide_layer(out_c, wide), k_pairs(1, 4)))
    covered = {channel for first, pairs in found[0] for channel in range(first, first + 2 * pairs)} | set(found[1])
    assert covered == set(range(out_c))
    assert not any(first + 2 * pair + 1 in wide for first, pairs in found[0] for pair in range(pairs))
    assert found == (runs, singles)


def test_quads_end_before_a_sum_that_is_too_large() -> None:
    assert quad_stream(wide_layer(12, {9}), k_pairs(1, 4))[1] == 8
    assert quad_stream(wide_layer(12, {8}), k_pairs(1, 4))[1] == 12
    assert quad_stream(wide_layer(12, {1}), k_pairs(1, 4))[1] == 0


def test_constants_agree_with_the_sources() -> None:
    source = (RUNTIME / "src/dsp/ew_conv_driver__dsp.c").read_text()
    assert re.findall(r"#define PADDED_MAX (\d+)", source) == [str(PADDED_MAX)]


def test_assembly_declares_its_stack() -> None:
    """Each function that is visible outside says how much stack it uses."""
    for path in sorted((RUNTIME / "src/dsp").glob("*.S")):
        text = path.read_text()
        functions = re.findall(r"^    (?:FUNCTION|SYMBOL) +(\S+)(.*)$", text, re.MULTILINE)
        assert functions, path.name
        assert [name for name, rest in functions if "/* stack: " not in rest] == [], path.name
