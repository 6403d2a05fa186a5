"""Pointwise convolutions and fully connected layers as matrix products on Armv7 NEON.

`ew_gemm__armv7_neon` is two bodies:
- More than 28 inputs, or fewer than 8 outputs: sums along k for quads of outputs, which take eight inputs of each
  output when an odd number of eights covers k, then sixteen at a time. A quad holds its steps, then bias and half of
  mult.
- Otherwise: eight outputs in lanes; int16 weights.
"""

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.dense import FcS8
from edgewright.kernels.advsimd.dense import DenseKernel, PointwiseKernel
from edgewright.kernels.advsimd.packing import (
    OCTET,
    PAIR_LIMIT,
    QUAD,
    as_bytes,
    block_outputs,
    gather_outputs,
)

GEMM_SOURCES = ("armv7_neon/ew_gemm__armv7_neon.c", "armv7_neon/ew_gemm_lanes__armv7_neon.c")
LANES_MAX_K = 28


def eights(weights: np.ndarray) -> np.ndarray:
    """weights int8 [out_c, k] as [out_c, steps, 8], filled up with zeros."""
    out_c, k = weights.shape
    return np.pad(weights, ((0, 0), (0, -k % 8))).reshape(out_c, -1, 8)


def pair_sum(weights: np.ndarray) -> int:
    """The largest |w0| + |w1| of two weights that share an int16 lane."""
    steps = np.abs(eights(weights).astype(np.int32))
    steps = steps[:, steps.shape[1] % 2 :]
    return int((steps[:, 0::2] + steps[:, 1::2]).max(initial=0))


def uses_lanes(weights: np.ndarray) -> bool:
    """The twin of `ew_gemm_uses_lanes`; weights [out_c, k]."""
    return weights.shape[1] <= LANES_MAX_K and len(weights) >= 8


def pair_refusal(weights: np.ndarray) -> str | None:
    """Why two products of `weights` [out_c, k] may not fit an int16 lane."""
    found = 0 if uses_lanes(weights) else pair_sum(weights)
    return f"two weights of an int16 lane sum to {found}; supported: {PAIR_LIMIT}" if found > PAIR_LIMIT else None


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


def pack_lanes(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray, blocks: list[np.ndarray]) -> Array:
    """Each block: its bias, half of its mult, then for each input the weights of its outputs as int16."""
    inputs = np.pad(weights, ((0, 0), (0, -weights.shape[1] % 4))).astype("<i2")
    parts: list[np.ndarray] = []
    for outputs in blocks:
        parts += [as_bytes(bias[outputs]), as_bytes(mult[outputs] // 2)]
        parts.append(np.ascontiguousarray(inputs[outputs].T).reshape(-1).view(np.int8))
    return Array(np.concatenate(parts), 16)


def pack_gemm(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray) -> Array:
    """What `ew_gemm__armv7_neon` reads; weights int8 [out_c, k]; bias, mult int32 [out_c]."""
    if uses_lanes(weights):
        return pack_lanes(weights, bias, mult, list(block_outputs(len(weights), OCTET)))
    count = eights(weights).shape[1]
    steps = [2 - count % 2, *[2] * ((count - 1) // 2)]
    return pack_sums(weights, bias, mult, list(block_outputs(len(weights), QUAD)), steps)


def gemm_cost(rows: int, weights: np.ndarray) -> float:
    """Instructions of `ew_gemm__armv7_neon`, counted: eights of outputs in lanes, else quads of two rows or one."""
    out_c, k = (int(n) for n in weights.shape)
    if uses_lanes(weights):
        return 100 + -(-out_c // OCTET) * (30 + rows * (23 + 10.5 * -(-k // 4)))
    quads, sixteens = -(-out_c // QUAD), -(-k // 8) / 2
    twos, ones = divmod(rows, 2) if out_c >= QUAD else (0, rows)
    return 80 + twos * (33 + quads * (46 + 32 * sixteens)) + ones * (89 + quads * (33 + 19.4 * sixteens))


class FcKernel(DenseKernel):
    """Fully connected layer of any size."""

    symbol = "ew_fc_s8__armv7_neon"
    sources = ("armv7_neon/ew_fc_s8__armv7_neon.c", *GEMM_SOURCES)

    def limits(self, contract: FcS8) -> str | None:
        return pair_refusal(contract.weights)

    def packed(self, contract: FcS8) -> Array:
        return pack_gemm(contract.weights, contract.bias, contract.mult)

    def cost(self, contract: FcS8) -> float:
        return gemm_cost(contract.rows, contract.weights)


class Conv1x1Kernel(PointwiseKernel):
    """1x1 convolution of any stride, two rows of pixels against quads of outputs."""

    symbol = "ew_conv_1x1_s8__armv7_neon"
    sources = ("armv7_neon/ew_conv_1x1_s8__armv7_neon.c", *GEMM_SOURCES)
    dense = FcKernel()
