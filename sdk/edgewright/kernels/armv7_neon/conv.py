"""Convolutions with any window on Armv7 NEON: the layouts of `neon.conv`, the products of `armv7_neon.dense`."""

from edgewright.contracts.conv import ConvS8
from edgewright.kernels.advsimd.panel import panel_cost
from edgewright.kernels.armv7_neon.dense import GEMM_SOURCES, gemm_cost, pack_gemm, pair_refusal
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import packed_call
from edgewright.kernels.geometry.limits import groups_refusal
from edgewright.kernels.neon.conv import conv_matrix, conv_scratch, copied_pieces, patch_groups, uses_columns


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
        weights, panels = conv_matrix(contract), panel_cost(contract, 0.45)
        if uses_columns(contract):
            out_h, out_w, _ = contract.out_shape
            return panels + 4.0 * copied_pieces(contract) + out_h * (gemm_cost(out_w, weights) + 100)
        groups, fills = patch_groups(contract)
        return panels + 10 * copied_pieces(contract) + 90 * fills + sum(gemm_cost(n, weights) for n in groups)
