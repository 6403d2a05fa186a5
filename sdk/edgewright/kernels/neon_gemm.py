"""Pointwise convolutions and fully connected layers as matrix products on base NEON (AArch64).

The packing of `ew_gemm_s8__neon`: outputs in quads, the last one moved back so that it ends with the last
output. A quad holds its steps one after the other: eight inputs of each of the four outputs when an odd
number of eights covers k, then sixteen inputs of each; then four bias and four halves of mult.
"""

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts import Contract
from edgewright.contracts.conv import ConvS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.conv import conv_fields
from edgewright.kernels.dense import fc_fields

QUAD = 4
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


def pack_quads(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray) -> Array:
    """weights int8 [out_c, k]; bias, mult int32 [out_c]."""
    outputs = block_outputs(len(weights), QUAD)
    blocks = len(outputs)
    quads = gather_outputs(eights(weights), outputs).reshape(blocks, QUAD, -1, 8)
    single = quads.shape[2] % 2
    parts = [
        quads[:, :, :single].reshape(blocks, -1),
        quads[:, :, single:].reshape(blocks, QUAD, -1, 16).swapaxes(1, 2).reshape(blocks, -1),
        as_bytes(gather_outputs(bias, outputs).reshape(blocks, QUAD)),
        as_bytes(gather_outputs(mult // 2, outputs).reshape(blocks, QUAD)),
    ]
    return Array(np.concatenate(parts, axis=1).reshape(-1), 16)


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
    found = pair_sum(weights)
    return f"two weights of an int16 lane sum to {found}; supported: {PAIR_LIMIT}" if found > PAIR_LIMIT else None


class NeonPointwise(Kernel):
    """1x1 convolution of any stride, rows of pixels against quads of outputs."""

    contract = ConvS8
    symbol = "ew_conv_1x1_s8__neon"
    isa = "neon"
    sources = ("neon/ew_conv_1x1_s8__neon.c", "neon/ew_gemm_s8__neon.c")
    headers = ("neon/ew_gemm_s8.h",)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, ConvS8)
        return pointwise_refusal(contract) or pair_refusal(matrix(contract))

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, ConvS8)
        fields = conv_fields(contract, pack_quads(matrix(contract), contract.bias, contract.mult), 0, 0)
        return [KernelCall(self.symbol, "ew_conv_s8_t", fields)]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, ConvS8)
        return tail_scratch(contract.in_shape[2], contract.in_shape[2] * contract.window.stride[1])

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, ConvS8)
        return gemm_cost(contract.out_shape[0] * contract.out_shape[1], *matrix(contract).shape)


class NeonFc(Kernel):
    """Fully connected layer of any size."""

    contract = FcS8
    symbol = "ew_fc_s8__neon"
    isa = "neon"
    sources = ("neon/ew_fc_s8__neon.c", "neon/ew_gemm_s8__neon.c")
    headers = ("neon/ew_gemm_s8.h",)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, FcS8)
        return pair_refusal(contract.weights)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, FcS8)
        fields = fc_fields(contract, pack_quads(contract.weights, contract.bias, contract.mult), 0, 0)
        return [KernelCall(self.symbol, "ew_fc_s8_t", fields)]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, FcS8)
        k = contract.weights.shape[1]
        return tail_scratch(k, k)

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, FcS8)
        return gemm_cost(contract.rows, *contract.weights.shape)


def gemm_cost(rows: int, out_c: int, k: int) -> float:
    """Instructions of `ew_gemm_s8__neon`, within a few percent: 3.5 per sixteen products, 3 per output."""
    quads = -(-out_c // QUAD)
    return rows * quads * QUAD * (3.5 * (-(-k // 8) / 2) + 3.0)
