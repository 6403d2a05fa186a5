"""Average pooling on x86-64 with AVX2."""

from edgewright.contracts.pool import AvgPoolS8
from edgewright.kernels.avx2.packing import BLOCK
from edgewright.kernels.c import pool as portable
from edgewright.kernels.geometry.limits import shift_refusal


class AvgPoolKernel(portable.AvgPoolKernel):
    """Average pooling of 16 channels or more, 16 at a time."""

    symbol = "ew_avg_pool_s8__avx2"
    sources = ("avx2/ew_avg_pool_s8__avx2.c",)

    def limits(self, contract: AvgPoolS8) -> str | None:
        if contract.in_shape[2] < BLOCK:
            return f"{contract.in_shape[2]} channels; supported: {BLOCK} or more"
        return shift_refusal(contract.shift)
