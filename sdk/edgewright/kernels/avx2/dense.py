"""Fully connected layers on x86-64 with AVX2."""

from edgewright.cgen import Array
from edgewright.contracts.dense import FcS8
from edgewright.kernels.avx2.packing import GEMM_SOURCE, blocked, gemm_weights
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.dense import fc_fields
from edgewright.kernels.geometry.limits import shift_refusal


class FcKernel(Kernel[FcS8]):
    """Any fully connected layer, 16 outputs at a time."""

    symbol = "ew_fc_s8__avx2"
    sources = ("avx2/ew_fc_s8__avx2.c", GEMM_SOURCE)

    def limits(self, contract: FcS8) -> str | None:
        return shift_refusal(contract.shift)

    def calls(self, contract: FcS8) -> list[KernelCall]:
        weights = Array(gemm_weights(contract.weights[:, None, :]), 32)
        fields = fc_fields(contract, weights, Array(blocked(contract.bias)), Array(blocked(contract.mult)))
        return [KernelCall(self.symbol, "ew_fc_s8_t", fields)]

    def scratch_bytes(self, contract: FcS8) -> int:
        in_features = int(contract.weights.shape[1])
        return 2 * (min(4, contract.rows) * in_features + 1)

    def cost(self, contract: FcS8) -> float:
        """A single row uses each weight once that it loads; four share it, as positions of a convolution do."""
        return (0.35 if contract.rows == 1 else 0.16) * contract.macs + 5.0 * contract.rows * len(contract.weights)
