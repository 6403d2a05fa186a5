"""Pointwise convolutions and fully connected layers as matrix products on base NEON (AArch64).

`ew_gemm_s8__neon` is two bodies:
- More than 28 inputs, or fewer than 8 outputs: outputs in octets, then a quad when four or fewer are left; the last
  block moved back so that it ends with the last output. A block holds its steps one after the other (eight inputs of
  each output when an odd number of eights covers k, sixteen, then 32 at a time); then bias and half of mult.
- Otherwise: blocks of 16 outputs, then one of 8 when 8 or fewer are left, in lanes; int16 weights.
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

GEMM_SOURCES = ("neon/ew_gemm_s8__neon.c", "neon/ew_gemm_lanes_s8__neon.c")
QUAD, OCTET = 4, 8
LANES_MAX_K = 28
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


def eights(weights: np.ndarray) -> np.ndarray:
    """weights int8 [out_c, k] as [out_c, steps, 8], filled up with zeros."""
    out_c, k = weights.shape
    return np.pad(weights, ((0, 0), (0, -k % 8))).reshape(out_c, -1, 8)


def pair_sum(weights: np.ndarray) -> int:
    """The largest |w0| + |w1| of two weights that share an int16 lane."""
    steps = np.abs(eights(weights).astype(np.int32))
    steps = steps[:, steps.shape[1] % 2 :]
    return int((steps[:, 0::2] + steps[:, 1::2]).max(initial=0))


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


def pack_sums(
    weights: np.ndarray, bias: np.ndarray, mult: np.ndarray, blocks: list[np.ndarray], steps: list[int]
) -> Array:
    """For each block of outputs its steps, in eights of k, each with all outputs; its bias; half of its mult."""
    inputs = eights(weights)
    parts: list[np.ndarray] = []
    for outputs in blocks:
        block = gather_outputs(inputs, outputs)
        at = 0
        for step in steps:
            parts.append(block[:, at : at + step].reshape(-1))
            at += step
        parts += [as_bytes(gather_outputs(bias, outputs)), as_bytes(gather_outputs(mult // 2, outputs))]
    return Array(np.concatenate(parts), 16)


def step_sizes(count: int) -> list[int]:
    """How many eights of k each step takes: the first one 1 or 2, one of 2 if needed, then 4 each."""
    first = 2 - count % 2
    rest = (count - first) % 4
    return [first, *([rest] if rest else []), *[4] * ((count - first) // 4)]


def uses_lanes(weights: np.ndarray) -> bool:
    """The twin of `ew_gemm_uses_lanes`; weights [out_c, k]."""
    return weights.shape[1] <= LANES_MAX_K and len(weights) >= 8


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


def pack_lanes(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray, blocks: list[np.ndarray]) -> Array:
    """Each block: its bias, half of its mult, then for each input the weights of its outputs as int16."""
    inputs = np.pad(weights, ((0, 0), (0, -weights.shape[1] % 4))).astype("<i2")
    parts: list[np.ndarray] = []
    for outputs in blocks:
        parts += [as_bytes(bias[outputs]), as_bytes(mult[outputs] // 2)]
        parts.append(np.ascontiguousarray(inputs[outputs].T).reshape(-1).view(np.int8))
    return Array(np.concatenate(parts), 16)


def pack_gemm(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray) -> Array:
    """What `ew_gemm_s8__neon` reads; weights int8 [out_c, k]; bias, mult int32 [out_c]."""
    if uses_lanes(weights):
        return pack_lanes(weights, bias, mult, lane_blocks(len(weights)))
    steps = step_sizes(eights(weights).shape[1])
    return pack_sums(weights, bias, mult, octets_and_quads(len(weights)), steps)


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


def pair_refusal(weights: np.ndarray) -> str | None:
    """Why two products of `weights` [out_c, k] may not fit an int16 lane."""
    found = 0 if uses_lanes(weights) else pair_sum(weights)
    return f"two weights of an int16 lane sum to {found}; supported: {PAIR_LIMIT}" if found > PAIR_LIMIT else None


class NeonPointwise(Kernel):
    """1x1 convolution of any stride, rows of pixels against quads of outputs."""

    contract = ConvS8
    symbol = "ew_conv_1x1_s8__neon"
    isa = "neon"
    sources: ClassVar[tuple[str, ...]] = ("neon/ew_conv_1x1_s8__neon.c", *GEMM_SOURCES)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, ConvS8)
        return pointwise_refusal(contract) or pair_refusal(matrix(contract))

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, ConvS8)
        fields = conv_fields(contract, pack_gemm(matrix(contract), contract.bias, contract.mult), 0, 0)
        return [KernelCall(self.symbol, "ew_conv_s8_t", fields)]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, ConvS8)
        return tail_scratch(contract.in_shape[2], contract.in_shape[2] * contract.window.stride[1])

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, ConvS8)
        return gemm_cost(contract.out_shape[0] * contract.out_shape[1], matrix(contract))


class NeonFc(Kernel):
    """Fully connected layer of any size."""

    contract = FcS8
    symbol = "ew_fc_s8__neon"
    isa = "neon"
    sources: ClassVar[tuple[str, ...]] = ("neon/ew_fc_s8__neon.c", *GEMM_SOURCES)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, FcS8)
        return pair_refusal(contract.weights)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, FcS8)
        fields = fc_fields(contract, pack_gemm(contract.weights, contract.bias, contract.mult), 0, 0)
        return [KernelCall(self.symbol, "ew_fc_s8_t", fields)]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, FcS8)
        k = contract.weights.shape[1]
        return tail_scratch(k, k)

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, FcS8)
        return gemm_cost(contract.rows, contract.weights)


def gemm_cost(rows: int, weights: np.ndarray) -> float:
    """Instructions of `ew_gemm_s8__neon`, within ten percent."""
    out_c, k = (int(n) for n in weights.shape)
    if uses_lanes(weights):
        return 80 + rows * sum(map(len, lane_blocks(out_c))) * (0.3 * (-(-k // 4) * 4) + 1.8)
    return 80 + rows * sum(map(len, octets_and_quads(out_c))) * (3.5 * (-(-k // 8) / 2) + 2.8)
