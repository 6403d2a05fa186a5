"""Pointwise convolutions and fully connected layers as matrix products on Armv7 NEON.

`ew_gemm_s8__armv7_neon` is two bodies, chosen as in `neon_gemm`: sums along k for quads of outputs, which take eight
inputs of each output when an odd number of eights covers k, then sixteen at a time; or eight outputs in lanes.
"""

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts import Contract
from edgewright.contracts.conv import ConvS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels.base import KernelCall
from edgewright.kernels.conv import conv_fields
from edgewright.kernels.dense import fc_fields
from edgewright.kernels.neon_gemm import (
    OCTET,
    QUAD,
    NeonFc,
    NeonPointwise,
    block_outputs,
    eights,
    matrix,
    pack_lanes,
    pack_sums,
    uses_lanes,
)

GEMM_SOURCES = ("armv7_neon/ew_gemm_s8__armv7_neon.c", "armv7_neon/ew_gemm_lanes_s8__armv7_neon.c")


def pack_gemm(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray) -> Array:
    """What `ew_gemm_s8__armv7_neon` reads; weights int8 [out_c, k]; bias, mult int32 [out_c]."""
    if uses_lanes(weights):
        return pack_lanes(weights, bias, mult, list(block_outputs(len(weights), OCTET)))
    count = eights(weights).shape[1]
    steps = [2 - count % 2, *[2] * ((count - 1) // 2)]
    return pack_sums(weights, bias, mult, list(block_outputs(len(weights), QUAD)), steps)


def gemm_cost(rows: int, weights: np.ndarray) -> float:
    """Instructions of `ew_gemm_s8__armv7_neon`, within ten percent."""
    out_c, k = (int(n) for n in weights.shape)
    if uses_lanes(weights):
        return 100 + rows * -(-out_c // OCTET) * OCTET * (0.33 * (-(-k // 4) * 4) + 2.2)
    return 100 + rows * -(-out_c // QUAD) * QUAD * (4.0 * (-(-k // 8) / 2) + 5.5)


class Armv7NeonPointwise(NeonPointwise):
    """1x1 convolution of any stride, two rows of pixels against quads of outputs."""

    symbol = "ew_conv_1x1_s8__armv7_neon"
    isa = "armv7_neon"
    sources = ("armv7_neon/ew_conv_1x1_s8__armv7_neon.c", *GEMM_SOURCES)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, ConvS8)
        packed = pack_gemm(matrix(contract), contract.bias, contract.mult)
        return [KernelCall(self.symbol, "ew_conv_s8_t", conv_fields(contract, packed, 0, 0))]

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, ConvS8)
        return gemm_cost(contract.out_shape[0] * contract.out_shape[1], matrix(contract))


class Armv7NeonFc(NeonFc):
    """Fully connected layer of any size."""

    symbol = "ew_fc_s8__armv7_neon"
    isa = "armv7_neon"
    sources = ("armv7_neon/ew_fc_s8__armv7_neon.c", *GEMM_SOURCES)

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, FcS8)
        packed = pack_gemm(contract.weights, contract.bias, contract.mult)
        return [KernelCall(self.symbol, "ew_fc_s8_t", fc_fields(contract, packed, 0, 0))]

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, FcS8)
        return gemm_cost(contract.rows, contract.weights)
