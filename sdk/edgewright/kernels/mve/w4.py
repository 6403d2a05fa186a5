"""4-bit weights on Armv8.1-M with MVE (Cortex-M55, M85)."""

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import ConvS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.dense import fc_fields
from edgewright.kernels.geometry.limits import groups_refusal, whole_refusal
from edgewright.kernels.mve.conv import as_fc
from edgewright.kernels.mve.gemm import VECTOR_BYTES, fc_cost, fc_scratch_bytes, halved, whole_vectors
from edgewright.kernels.nibbles import narrow, refusal_of_w4
from edgewright.kernels.recast import RecastKernel

#: Products that int32 holds of a byte of two weights, lo + 16 hi: at most 7 + 16 * 7 = 119 in magnitude.
DEPTH_MAX = 2**31 // (128 * 119) - VECTOR_BYTES
BLOCK = 8


def packed_w4(c: FcS8) -> Array:
    """Blocks of eight channels as `ew_fc_core_w4__mve.S` reads them, zeros behind the last channel.

    [depth / 16][4][16] bytes lo + 16 hi of channels c and c + 4, then for every four channels int32 bias[4], shifted
    left as the layer does, and mult[4], halved.
    """
    n, depth = c.weights.shape
    spare = -n % BLOCK
    wide = np.pad(c.weights.astype(np.int16), ((0, spare), (0, whole_vectors(depth) - depth)))
    halves = wide.reshape(-1, 2, 4, wide.shape[1] // VECTOR_BYTES, VECTOR_BYTES)
    both = (halves[:, 0] + 16 * halves[:, 1]).astype(np.int8).transpose(0, 2, 1, 3)
    ends = [np.pad(v, (0, spare)).astype("<i4").reshape(-1, 2, 4) for v in (c.bias << c.shift, halved(c.mult))]
    end = np.stack(ends, axis=2).reshape(len(both), -1).view(np.int8)
    return Array(np.concatenate([both.reshape(len(both), -1), end], axis=1).reshape(-1), align=8)


class FcW4Kernel(Kernel[FcS8]):
    """A fully connected layer over a single row, weights in [-7, 7]."""

    symbol = "ew_fc_w4_s8__mve"
    sources = ("mve/ew_fc_w4_s8__mve.c", "mve/ew_fc_core_w4__mve.S", "mve/ew_copy__mve.S")

    def limits(self, contract: FcS8) -> str | None:
        if contract.rows != 1:
            return "more than one row"
        if contract.weights.shape[1] > DEPTH_MAX:
            return f"{contract.weights.shape[1]} inputs; supported: {DEPTH_MAX}"
        return refusal_of_w4(narrow(contract))

    def calls(self, contract: FcS8) -> list[KernelCall]:
        contract = narrow(contract)
        return [KernelCall(self.symbol, "ew_fc_s8_t", fc_fields(contract, packed_w4(contract), 0, 0))]

    def scratch_bytes(self, contract: FcS8) -> int:
        return fc_scratch_bytes(contract.weights.shape[1])

    def cost(self, contract: FcS8) -> float:
        blocks = -(-contract.weights.shape[0] // BLOCK)
        return float(fc_cost(contract.weights.shape[1], BLOCK * blocks) + 7 * blocks)


class ConvAsFcW4Kernel(RecastKernel[ConvS8]):
    """A convolution with a single output pixel that sees the whole input, weights in [-7, 7]."""

    symbol = FcW4Kernel.symbol
    sources = FcW4Kernel.sources
    inner = FcW4Kernel()

    def limits(self, contract: ConvS8) -> str | None:
        return groups_refusal(contract) or whole_refusal(contract) or super().limits(contract)

    def recast(self, contract: ConvS8) -> FcS8:
        return as_fc(contract)
