"""Raspberry Pi kernels (NEON, SDOT, Armv7 NEON): random shapes at every optimization level, and what they may read."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgewright.contracts import Contract
from edgewright.contracts.conv import ConvS8, DepthwiseS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels import AnyKernel, all_kernels
from edgewright.targets import Cpu, load_cpu
from tests.harness.conv_cases import conv, depthwise, extreme, fully_connected, random_pair, random_sides
from tests.harness.kernel_program import Case, failures

CPUS = {"neon": "cortex-a72", "sdot": "cortex-a76", "armv7_neon": "cortex-a7"}
KERNELS = [k for k in all_kernels() if k.isa in CPUS and k.contract in (ConvS8, DepthwiseS8, FcS8)]
NAMES = [kernel.symbol for kernel in KERNELS]
#: Around every block size: 4, 8, 16 and 32 outputs, 8, 16 and 32 inputs, 16 channels.
SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 15, 16, 17, 20, 24, 27, 28, 29, 31, 32, 33, 36, 40, 45, 48, 63, 64, 65, 70]


def cpu_of(kernel: AnyKernel) -> Cpu:
    return load_cpu(CPUS[kernel.isa])


def shifted(case: Case) -> Case:
    """The same layer with a pre-shift of 3 and multipliers that are smaller for it."""
    contract = case.contract
    assert isinstance(contract, ConvS8 | DepthwiseS8 | FcS8)
    return Case(f"shifted {case.why}", replace(contract, shift=3, mult=contract.mult // 16 * 2), case.inputs)


def steep(case: Case) -> Case:
    """The same layer with multipliers so large that scaled sums leave int16."""
    contract = case.contract
    assert isinstance(contract, ConvS8 | DepthwiseS8 | FcS8)
    mult = np.minimum(contract.mult.astype(np.int64) * 256, 2**31 - 2).astype(np.int32)
    return Case(f"steep {case.why}", replace(contract, mult=mult), case.inputs)


def random_3x3(rng: np.random.Generator) -> Case:
    """Of stride 1 and whole octets of channels, with more and fewer pixels than the tiles of a Winograd convolution."""
    size = (int(rng.integers(3, 12)), int(rng.integers(3, 80 if rng.random() < 0.2 else 24)))
    in_c, out_c = (8 * int(n) for n in rng.integers(1, 6, 2))
    pad = random_sides(rng, 3)
    return conv(rng, (*size, in_c), out_c, (3, 3), pad=pad, act=(-100, 127) if rng.random() < 0.5 else (-128, 127))


def random_conv(rng: np.random.Generator) -> Case:
    if rng.random() < 0.25:
        return random_3x3(rng)
    in_c, out_c = int(rng.choice(SIZES)), int(rng.choice(SIZES))
    height, width = random_pair(rng, 1, 9)
    if rng.random() < 0.4:
        stride = (1, 1) if rng.random() < 0.7 else (2, 3)
        return conv(rng, (height, width, in_c), out_c, (1, 1), stride=stride)
    if rng.random() < 0.2:
        image = (int(rng.integers(3, 12)), int(rng.integers(3, 20)), int(rng.integers(1, 5)))
        pad, stride = random_sides(rng, 3), random_pair(rng, 1, 4)
        return conv(rng, image, out_c, (3, 3), pad=pad, stride=stride, act=(-128, 127 - int(rng.choice([0, 30]))))
    kernel, stride, dilation = random_pair(rng, 1, 5), random_pair(rng, 1, 3), random_pair(rng, 1, 3)
    pad = random_sides(rng, 4)
    height, width = (max(n, (k - 1) * d + 1) for n, k, d in zip((height, width), kernel, dilation, strict=True))
    return conv(
        rng, (height, width, min(in_c, 33)), min(out_c, 33), kernel,
        stride=stride, dilation=dilation, pad=pad, act=(-90, 100),
    )  # fmt: skip


def random_depthwise(rng: np.random.Generator) -> Case:
    kernel = (3, 3) if rng.random() < 0.6 else random_pair(rng, 1, 7)
    stride = (1, 1) if rng.random() < 0.6 else (2, 2)
    size = (int(rng.integers(kernel[0], 14)), int(rng.integers(kernel[1], 60 if rng.random() < 0.2 else 14)))
    channels, multiplier = int(rng.choice(SIZES)), 1 if rng.random() < 0.8 else int(rng.integers(2, 5))
    pad = random_sides(rng, 3)
    return depthwise(rng, (*size, channels), kernel, stride=stride, pad=pad, multiplier_c=multiplier, act=(-110, 90))


def random_fc(rng: np.random.Generator) -> Case:
    return fully_connected(rng, int(rng.integers(1, 12)), int(rng.choice(SIZES)), int(rng.choice(SIZES)))


RANDOM: dict[type[Contract], Callable[[np.random.Generator], Case]] = {
    ConvS8: random_conv,
    DepthwiseS8: random_depthwise,
    FcS8: random_fc,
}


def random_cases(kernel: AnyKernel, seed: int, count: int = 60) -> list[Case]:
    """Cases that `kernel` takes; every fifth one extreme, every seventh one shifted, every third one steep, where the
    kernel takes that.
    """
    rng = np.random.default_rng(seed)
    found: list[Case] = []
    while len(found) < count:
        case = RANDOM[kernel.contract](rng)
        changed = extreme(case) if len(found) % 5 == 4 else shifted(case) if len(found) % 7 == 6 else case
        changed = steep(changed) if len(found) % 3 == 2 else changed
        found += [taken for taken in (changed, case) if kernel.refusal(taken.contract) is None][:1]
    return found


@pytest.mark.parametrize(("optimize", "seed"), [("-O2", 11), ("-O3", 12), ("-Os", 13)])
@pytest.mark.parametrize("kernel", KERNELS, ids=NAMES)
def test_random_shapes_at_every_optimization(kernel: AnyKernel, optimize: str, seed: int, tmp_path: Path) -> None:
    assert failures(kernel, random_cases(kernel, seed), cpu_of(kernel), tmp_path, optimize=optimize) == []


#: Stands between a test program and its kernel: the input ends, then begins, where memory does. The first call may
#: overwrite x, where y lies over it.
GUARD = """
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "ew_kernels.h"
void __real_SYMBOL(const STRUCT *p, const int8_t *x, int8_t *y, void *scratch);
void __wrap_SYMBOL(const STRUCT *p, const int8_t *x, int8_t *y, void *scratch);
void __wrap_SYMBOL(const STRUCT *p, const int8_t *x, int8_t *y, void *scratch)
{
    const size_t bytes = BYTES, page = 65536, pages = (bytes + page - 1) / page * page;
    char *memory = mmap(0, pages + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *const first = memory + page, *const end = first + pages, *const kept = malloc(bytes);
    memcpy(kept, x, bytes);
    mprotect(memory, page, PROT_NONE);
    mprotect(end, page, PROT_NONE);
    memcpy(end - bytes, x, bytes);
    __real_SYMBOL(p, (const int8_t *)(end - bytes), y, scratch);
    memcpy(first, kept, bytes);
    __real_SYMBOL(p, (const int8_t *)first, y, scratch);
    free(kept);
    munmap(memory, pages + 2 * page);
}
"""


@pytest.mark.parametrize("kernel", KERNELS, ids=NAMES)
def test_nothing_outside_the_input_is_read(kernel: AnyKernel, tmp_path: Path) -> None:
    struct, size = (
        ("ew_fc_s8_t", "(size_t)p->rows * p->in_features")
        if kernel.contract is FcS8
        else ("ew_conv_s8_t", "(size_t)p->in_h * p->in_w * p->in_c")
    )
    guard = tmp_path / "guard.c"
    guard.write_text(GUARD.replace("SYMBOL", kernel.symbol).replace("STRUCT", struct).replace("BYTES", size))
    flags = [str(guard), f"-Wl,--wrap={kernel.symbol}"]
    assert failures(kernel, random_cases(kernel, 14, 40), cpu_of(kernel), tmp_path, flags=flags) == []


def test_weights_of_minus_128() -> None:
    """Imported models have them. Two of them in one int16 lane would overflow; SDOT does not mind."""
    rng = np.random.default_rng(15)
    case = conv(rng, (2, 2, 64), 8, (1, 1))
    assert isinstance(case.contract, ConvS8)
    by_symbol = {kernel.symbol: kernel for kernel in KERNELS}
    for isa, distance, takes_double in (("neon", 2, False), ("armv7_neon", 8, False), ("sdot", 8, True)):
        kernel = by_symbol[f"ew_conv_1x1_s8__{isa}"]
        weights = case.contract.weights.copy()
        weights[3, 0, 0, 5] = -128
        assert kernel.refusal(replace(case.contract, weights=weights)) is None
        weights[3, 0, 0, 5 + distance] = -128
        assert (kernel.refusal(replace(case.contract, weights=weights)) is None) == takes_double
