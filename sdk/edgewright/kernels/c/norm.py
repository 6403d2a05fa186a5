"""Normalisation kernels in portable C."""

from edgewright.cgen import Array, Fields
from edgewright.contracts.norm import LayerNormS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.elementwise import named


class LayerNormKernel(Kernel[LayerNormS8]):
    """Layer normalisation along the last axis."""

    symbol = "ew_layer_norm_s8"
    sources = ("c/ew_layer_norm_s8.c",)

    def calls(self, contract: LayerNormS8) -> list[KernelCall]:
        fields: Fields = {
            "gamma_mult": Array(contract.gamma_mult),
            "beta": Array(contract.beta),
            **named(contract, "epsilon", "rows", "n"),
        }
        return [KernelCall(self.symbol, "ew_layer_norm_s8_t", fields)]

    def cost(self, contract: LayerNormS8) -> float:
        return float(contract.rows * (750 + 46 * contract.n))
