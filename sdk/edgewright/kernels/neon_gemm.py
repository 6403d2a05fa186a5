"""Pointwise convolutions and fully connected layers as matrix products on base NEON (AArch64).

The packing of `ew_gemm_s8__neon`: 16 bytes, of which the first says whether a scaled sum may exceed int16; then blocks
of 16, 8 and 4 outputs (`output_blocks`). A block holds its bias; the weights of all steps of eight inputs, of four,
of two; half of its mult. A step of eight is two of four, a step of four holds for each four outputs the first pair of
inputs of each output, then the second one. A window of several runs of bytes has its steps of one size together.
"""

from typing import ClassVar

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts import Contract
from edgewright.contracts.conv import ConvS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.conv import conv_fields
from edgewright.kernels.dense import fc_fields
from edgewright.kernels.neon_output import INT16_MAX, largest_scaled

GEMM_SOURCES = ("neon/ew_gemm_s8__neon.c", "neon/ew_gemm_neon.S")
QUAD, OCTET = 4, 8
READ_BYTES = 16
#: SMULL and SMLAL add two products in an int16 lane: |w0| + |w1| must not exceed it. Bounds: 255 * 128 < 2^15.
PAIR_LIMIT = 255


def block_outputs(out_c: int, width: int) -> np.ndarray:
    """Which outputs each block of `width` computes, [blocks, width]; the last block overlaps the one before.

    Fewer than `width` outputs make one block whose surplus is out_c and more.
    """
    starts = np.arange(0, out_c, width)
    starts[-1] = max(0, out_c - width)
    return starts[:, None] + np.arange(width)


def gather_outputs(values: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """`values` [out_c, ...] in the order of `outputs`; zero for outputs beyond the last."""
    widened = np.concatenate([values, np.zeros((int(outputs.max()) + 1, *values.shape[1:]), values.dtype)])
    gathered: np.ndarray = widened[outputs.reshape(-1)]
    return gathered


def as_bytes(values: np.ndarray) -> np.ndarray:
    """int32 [..., n] as the int8 [..., 4 * n] of little-endian memory."""
    return np.ascontiguousarray(values.astype("<i4")).view(np.int8)


def octets_and_quads(out_c: int) -> list[np.ndarray]:
    """Outputs in blocks of eight, then one of four when four or fewer are left, the last block moved back.

    Fewer than eight outputs are blocks of four.
    """
    if out_c < OCTET:
        return list(block_outputs(out_c, QUAD))
    rest = out_c % OCTET
    if 0 < rest <= QUAD:
        return [*block_outputs(out_c - rest, OCTET), np.arange(out_c - QUAD, out_c)]
    return list(block_outputs(out_c, OCTET))


def lane_blocks(out_c: int) -> list[np.ndarray]:
    """Outputs in blocks of 16, then one of 8 when 8 or fewer are left; the last one is moved back."""
    blocks = []
    at = 0
    while at < out_c:
        lanes = 16 if out_c >= 16 and out_c - at > 8 else 8
        start = at if at + lanes <= out_c else max(0, out_c - lanes)
        blocks.append(np.arange(start, start + lanes))
        at += lanes
    return blocks


def tail_scratch(k: int, x_pitch: int) -> int:
    """Bytes for the last rows of `ew_gemm_bounded`, copied because a body reads behind their end."""
    row_bytes = -(-k // READ_BYTES) * READ_BYTES
    return row_bytes * -(-(row_bytes - k) // x_pitch)


def matrix(c: ConvS8) -> np.ndarray:
    """The weights of a convolution as [out_c, k]."""
    return c.weights.reshape(c.out_shape[2], -1)


def pointwise_refusal(c: ConvS8) -> str | None:
    """Why a convolution is not a product of plain pixels."""
    last = [(out - 1) * s for out, s in zip(c.out_shape[:2], c.window.stride, strict=True)]
    inside = last[0] < c.in_shape[0] and last[1] < c.in_shape[1]
    if c.window.kernel == (1, 1) and c.window.pad == (0, 0) and c.groups == 1 and inside:
        return None
    return f"kernel {c.window.kernel}, pad {c.window.pad}, groups {c.groups}; supported: 1x1 without padding or groups"


def output_blocks(out_c: int) -> list[np.ndarray]:
    """Outputs in blocks of 16, 8 and 4, the twin of `blocks` in `ew_gemm_s8__neon.c`.

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
    """What `ew_gemm_s8__neon` reads; windows int8 [out_c, segments, run]; bias, mult int32 [out_c]."""
    steps = window_steps(windows)
    is_wide = largest_scaled(windows.reshape(len(windows), -1), bias, mult) << shift > INT16_MAX
    parts = [np.array([is_wide] + [0] * 15, np.int8)]
    for outputs in output_blocks(len(windows)):
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
    """Instructions of `ew_gemm_s8__neon`, within ten percent; windows [out_c, segments, run]."""
    out_c, segments, run = windows.shape
    total = 60.0
    for outputs in output_blocks(out_c):
        pairs = segments * sum(size * n // 2 for _, size, n in run_steps(run))
        total += rows * (len(outputs) * (0.39 * pairs + 0.85) + 0.6 * pairs + 2) + 60
    return total


class NeonPointwise(Kernel):
    """1x1 convolution of any stride."""

    contract = ConvS8
    symbol = "ew_conv_1x1_s8__neon"
    isa = "neon"
    sources: ClassVar[tuple[str, ...]] = ("neon/ew_conv_1x1_s8__neon.c", *GEMM_SOURCES)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, ConvS8)
        return pointwise_refusal(contract) or pair_refusal(matrix(contract)[:, None])

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, ConvS8)
        packed = pack_windows(matrix(contract)[:, None], contract.bias, contract.mult, contract.shift)
        return [KernelCall(self.symbol, "ew_conv_s8_t", conv_fields(contract, packed, 0, 0))]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, ConvS8)
        return odd_scratch(contract.in_shape[2])

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, ConvS8)
        return gemm_cost(contract.out_shape[0] * contract.out_shape[1], matrix(contract)[:, None])


class NeonFc(Kernel):
    """Fully connected layer of any size."""

    contract = FcS8
    symbol = "ew_fc_s8__neon"
    isa = "neon"
    sources: ClassVar[tuple[str, ...]] = ("neon/ew_fc_s8__neon.c", *GEMM_SOURCES)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, FcS8)
        return pair_refusal(contract.weights[:, None])

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, FcS8)
        packed = pack_windows(contract.weights[:, None], contract.bias, contract.mult, contract.shift)
        return [KernelCall(self.symbol, "ew_fc_s8_t", fc_fields(contract, packed, 0, 0))]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, FcS8)
        return odd_scratch(contract.weights.shape[1])

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, FcS8)
        return gemm_cost(contract.rows, contract.weights[:, None])


def odd_scratch(k: int) -> int:
    """Bytes for the last row, copied where its length is odd, because a byte behind it is read."""
    return k + 1 if k % 2 else 0
