"""Convolutions with any window through SDOT: the layouts of `neon_conv`, the matrix product of `sdot_gemm`."""

from edgewright.contracts import Contract
from edgewright.contracts.conv import ConvS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.conv import conv_fields
from edgewright.kernels.neon_conv import conv_matrix, conv_scratch, copied_pieces
from edgewright.kernels.sdot_gemm import GEMM_SOURCES, gemm_cost, pack_fours


class SdotConv(Kernel):
    """Convolution with one group and any window."""

    contract = ConvS8
    symbol = "ew_conv_s8__sdot"
    isa = "sdot"
    sources = ("sdot/ew_conv_s8__sdot.c", *GEMM_SOURCES)

    def refusal(self, contract: Contract) -> str | None:
        assert isinstance(contract, ConvS8)
        return f"{contract.groups} groups; supported: 1" if contract.groups != 1 else None

    def calls(self, contract: Contract) -> list[KernelCall]:
        assert isinstance(contract, ConvS8)
        packed = pack_fours(conv_matrix(contract), contract.bias, contract.mult, contract.shift)
        return [KernelCall(self.symbol, "ew_conv_s8_t", conv_fields(contract, packed, 0, 0))]

    def scratch_bytes(self, contract: Contract) -> int:
        assert isinstance(contract, ConvS8)
        return conv_scratch(contract)

    def cost(self, contract: Contract) -> float:
        assert isinstance(contract, ConvS8)
        pixels = contract.out_shape[0] * contract.out_shape[1]
        return (
            gemm_cost(pixels, *conv_matrix(contract).shape)
            + 3.5 * copied_pieces(contract)
            + 100 * contract.out_shape[0]
        )
