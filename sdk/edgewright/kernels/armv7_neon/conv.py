"""Convolutions with any window on Armv7 NEON: the layouts of `neon.conv`, the products of `armv7_neon.dense`."""

from edgewright.contracts.conv import ConvS8
from edgewright.kernels.armv7_neon.dense import GEMM_SOURCES, gemm_cost, pack_gemm, pair_refusal
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import packed_call
from edgewright.kernels.geometry.limits import groups_refusal
from edgewright.kernels.neon.conv import conv_matrix, conv_scratch, copied_pieces


class ConvKernel(Kernel[ConvS8]):
    """Convolution with one group and any window."""

    symbol = "ew_conv_s8__armv7_neon"
    sources = ("armv7_neon/ew_conv_s8__armv7_neon.c", *GEMM_SOURCES)

    def limits(self, contract: ConvS8) -> str | None:
        return groups_refusal(contract) or pair_refusal(conv_matrix(contract))

    def calls(self, contract: ConvS8) -> list[KernelCall]:
        return packed_call(self.symbol, contract, pack_gemm(conv_matrix(contract), contract.bias, contract.mult))

    def scratch_bytes(self, contract: ConvS8) -> int:
        return conv_scratch(contract)

    def cost(self, contract: ConvS8) -> float:
        pixels = contract.out_shape[0] * contract.out_shape[1]
        return gemm_cost(pixels, conv_matrix(contract)) + 4.0 * copied_pieces(contract) + 150 * contract.out_shape[0]
