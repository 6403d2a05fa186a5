"""Fully connected layers on Armv6-M (Cortex-M0, M0+)."""

from edgewright.cgen import Array
from edgewright.contracts.dense import FcS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.dense import fc_fields
from edgewright.kernels.thumb1.packing import block_stream, output_refusal


class FcKernel(Kernel[FcS8]):
    """Any fully connected layer, four outputs at a time."""

    symbol = "ew_fc_s8__thumb1"
    sources = ("thumb1/ew_fc_s8__thumb1.c", "thumb1/ew_fc4__thumb1.S")

    def limits(self, contract: FcS8) -> str | None:
        return output_refusal(contract)

    def calls(self, contract: FcS8) -> list[KernelCall]:
        fields = fc_fields(contract, Array(block_stream(contract)), 0, 0)
        return [KernelCall(self.symbol, "ew_fc_s8_t", fields)]

    def cost(self, contract: FcS8) -> float:
        """Counted: blocks of four outputs, the last one beside y when it is not whole."""
        out_features, k = contract.weights.shape
        blocks, rest = -(-out_features // 4), out_features % 4 > 0
        return float(44 + contract.rows * (73 + 5.9 * k + blocks * (127 + 14 * k) + 59 * rest))
