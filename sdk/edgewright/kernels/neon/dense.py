"""Pointwise convolutions and fully connected layers as matrix products on base NEON (AArch64).

The packing of `ew_gemm__neon`: 16 bytes, of which the first says whether a scaled sum may exceed int16; then blocks
of 16, 8 and 4 outputs (`neon_blocks`). A block holds its bias; the weights of all steps of eight inputs, of four,
of two; half of its mult. A step of eight is two of four, a step of four holds for each four outputs the first pair of
inputs of each output, then the second one. A window of several runs of bytes has its steps of one size together.
"""

from typing import ClassVar

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.dense import FcS8
from edgewright.kernels.advsimd.dense import DenseKernel, PointwiseKernel
from edgewright.kernels.advsimd.packing import (
    OCTET,
    PAIR_LIMIT,
    QUAD,
    as_bytes,
    gather_outputs,
)
from edgewright.kernels.geometry.bounds import INT16_MAX, largest_scaled

GEMM_SOURCES = ("neon/ew_gemm__neon.c", "neon/ew_gemm_block__neon.S")


def neon_blocks(out_c: int) -> list[np.ndarray]:
    """Outputs in blocks of 16, 8 and 4, the twin of `blocks` in `ew_gemm__neon.c`.

    A block that would pass the last output is moved back; the surplus of fewer than four outputs is out_c and more.
    """
    blocks: list[np.ndarray] = []
    at = 0
    while at < out_c:
        left = out_c - at
        width = 16 if left > 12 and out_c >= 16 else OCTET if left > QUAD and out_c >= OCTET else QUAD
        blocks.append(np.arange(width) + (at if width <= left else max(0, out_c - width)))
        at += width
    return blocks


def run_steps(run: int) -> list[tuple[int, int, int]]:
    """How a run of inputs, as an even number of them, is walked: (first input, inputs of a step, steps)."""
    even = run + run % 2
    steps = [(0, 8, even // 8), (even - even % 8, 4, even // 4 % 2), (even - even % 4, 2, even // 2 % 2)]
    return [step for step in steps if step[2]]


def window_steps(windows: np.ndarray) -> list[np.ndarray]:
    """The weights of all steps of one size, [out_c, steps, pairs of a step, 2], for windows [out_c, segments, run]."""
    out_c, _, run = windows.shape
    even = np.pad(windows, ((0, 0), (0, 0), (0, run % 2)))
    return [even[:, :, at : at + size * n].reshape(out_c, -1, size // 2, 2) for at, size, n in run_steps(run)]


def pack_windows(windows: np.ndarray, bias: np.ndarray, mult: np.ndarray, shift: int) -> Array:
    """What `ew_gemm__neon` reads; windows int8 [out_c, segments, run]; bias, mult int32 [out_c]."""
    steps = window_steps(windows)
    is_wide = largest_scaled(windows.reshape(len(windows), -1), bias, mult) << shift > INT16_MAX
    parts = [np.array([is_wide] + [0] * 15, np.int8)]
    for outputs in neon_blocks(len(windows)):
        parts.append(as_bytes(gather_outputs(bias, outputs)))
        for step in steps:
            block = gather_outputs(step, outputs)
            block = block.reshape(-1, QUAD, block.shape[1], -(-block.shape[2] // 2), min(block.shape[2], 2), 2)
            parts.append(block.transpose(2, 3, 0, 4, 1, 5).reshape(-1))  # step, half, quad, pair, output, input
        parts.append(as_bytes(gather_outputs(mult // 2, outputs)))
    return Array(np.concatenate(parts), 16)


def pair_refusal(windows: np.ndarray) -> str | None:
    """Why two products may not fit an int16 lane; windows [out_c, segments, run]."""
    found = 0
    for step in window_steps(windows):
        sizes = np.abs(step.astype(np.int32))
        found = max(found, int((sizes[:, :, 0::2] + sizes[:, :, 1::2]).max(initial=0)) if step.shape[2] > 1 else 0)
    return f"two weights of an int16 lane sum to {found}; supported: {PAIR_LIMIT}" if found > PAIR_LIMIT else None


def gemm_cost(rows: int, windows: np.ndarray) -> float:
    """Instructions of `ew_gemm__neon`, within ten percent; windows [out_c, segments, run]."""
    out_c, segments, run = windows.shape
    total = 150.0
    for outputs in neon_blocks(out_c):
        pairs = segments * sum(size * n // 2 for _, size, n in run_steps(run))
        total += rows * (len(outputs) * (0.39 * pairs + 0.85) + 0.6 * pairs + 2 + 2.0 * (segments - 1)) + 60
    return total


class FcKernel(DenseKernel):
    """Fully connected layer of any size."""

    symbol = "ew_fc_s8__neon"
    sources: ClassVar[tuple[str, ...]] = ("neon/ew_fc_s8__neon.c", *GEMM_SOURCES)

    def limits(self, contract: FcS8) -> str | None:
        return pair_refusal(contract.weights[:, None])

    def packed(self, contract: FcS8) -> Array:
        return pack_windows(contract.weights[:, None], contract.bias, contract.mult, contract.shift)

    def tail(self, k: int, x_pitch: int) -> int:
        """The last row, copied where its length is odd, because a byte behind it is read."""
        return k + 1 if k % 2 else 0

    def cost(self, contract: FcS8) -> float:
        return gemm_cost(contract.rows, contract.weights[:, None])


class Conv1x1Kernel(PointwiseKernel):
    """1x1 convolution of any stride."""

    symbol = "ew_conv_1x1_s8__neon"
    sources: ClassVar[tuple[str, ...]] = ("neon/ew_conv_1x1_s8__neon.c", *GEMM_SOURCES)
    dense = FcKernel()
