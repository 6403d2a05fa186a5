"""Convolutions with any window on Armv7 NEON: the layouts of `neon.conv`, the products of `armv7_neon.dense`."""

from edgewright.contracts import Contract
from edgewright.contracts.conv import ConvS8
from edgewright.kernels.armv7_neon.dense import GEMM_SOURCES, gemm_cost, pack_gemm, pair_refusal
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import conv_fields
from edgewright.kernels.neon.conv import conv_matrix, conv_scratch, copied_pieces


class ConvKernel(Kernel):
    """Convolution with one group and any window."""

    contract = ConvS8
    symbol = "ew_conv_s8__armv7_neon"
    isa = "armv7_neon"
    sources = ("armv7_neon/ew_conv_s8__armv7_neon.c", *GEMM_SOURCES)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, ConvS8)
        return (
            f"{contract.groups} groups; supported: 1" if contract.groups != 1 else pair_refusal(conv_matrix(contract))
        )

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, ConvS8)
        packed = pack_gemm(conv_matrix(contract), contract.bias, contract.mult)
        return [KernelCall(self.symbol, "ew_conv_s8_t", conv_fields(contract, packed, 0, 0))]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, ConvS8)
        return conv_scratch(contract)

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, ConvS8)
        pixels = contract.out_shape[0] * contract.out_shape[1]
        return gemm_cost(pixels, conv_matrix(contract)) + 4.0 * copied_pieces(contract) + 150 * contract.out_shape[0]
