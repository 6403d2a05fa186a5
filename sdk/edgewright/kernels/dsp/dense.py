"""Fully connected layers by the DSP instructions of Armv6, Armv7E-M and Armv8-M; packing in `dsp.packing`."""

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.conv import LARGEST_SIZE, ConvS8, Window
from edgewright.contracts.dense import FcS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.dense import fc_fields
from edgewright.kernels.dsp.conv import Conv1x1Kernel, kpairs_of
from edgewright.kernels.dsp.packing import k_pairs, quad_stream, stream
from edgewright.kernels.geometry.limits import shift_refusal
from edgewright.kernels.recast import RecastKernel

#: Below this many weights the time saved by quads is not worth their code.
QUAD_WEIGHTS = 4096


class FcAsConv1x1Kernel(RecastKernel[FcS8]):
    """A fully connected layer as a 1x1 convolution whose pixels are the rows."""

    symbol = Conv1x1Kernel.symbol
    sources = Conv1x1Kernel.sources
    inner = Conv1x1Kernel()

    def limits(self, contract: FcS8) -> str | None:
        return size_refusal(contract) or shift_refusal(contract.shift)

    def recast(self, contract: FcS8) -> ConvS8:
        return as_conv(contract)


class FcKernel(Kernel[FcS8]):
    """A fully connected layer of many weights, row by row, four outputs at a time."""

    symbol = "ew_fc_s8__dsp"
    sources = (
        *("dsp/ew_fc_s8__dsp.c", "dsp/ew_fc4__dsp.S", "dsp/ew_gemm_px1__dsp.S"),
        *("dsp/ew_gemm__dsp.c", "dsp/ew_clamp__dsp.c"),
    )

    def limits(self, contract: FcS8) -> str | None:
        if contract.weights.size < QUAD_WEIGHTS:
            return f"{contract.weights.size} weights; supported: {QUAD_WEIGHTS} or more"
        return shift_refusal(contract.shift)

    def calls(self, contract: FcS8) -> list[KernelCall]:
        order = k_pairs(1, contract.weights.shape[1])
        layer = (contract.weights, contract.bias, contract.mult)
        quads, done = quad_stream(layer, order)
        weights = Array(np.concatenate([quads, stream(layer, order, begin=done)]))
        return [KernelCall(self.symbol, "ew_fc_s8_t", fc_fields(contract, weights, 0, 0))]

    def scratch_bytes(self, contract: FcS8) -> int:
        return (4 * kpairs_of(1, contract.weights.shape[1]) + 7) // 8 * 8

    def scratch_overlap_bytes(self, contract: FcS8) -> int | None:
        """A single row is widened into its own memory: it doubles, and both end at the same byte or x later."""
        return self.scratch_bytes(contract) - contract.weights.shape[1] if contract.rows == 1 else None

    def cost(self, contract: FcS8) -> float:
        out_features, in_features = contract.weights.shape
        quads = (out_features + 3) // 4
        return float(contract.rows * (120 + 2.2 * in_features + quads * (27 + 3.47 * in_features)))


def size_refusal(c: FcS8) -> str | None:
    """What is too large for the sizes of a convolution."""
    if max(c.rows, *c.weights.shape) > LARGEST_SIZE:
        return f"{c.rows} rows of weights {c.weights.shape}; supported: {LARGEST_SIZE:,}"
    return None


def as_conv(c: FcS8) -> ConvS8:
    """The 1x1 convolution whose pixels are the rows."""
    out_features, in_features = c.weights.shape
    return ConvS8(
        c.weights.reshape(out_features, 1, 1, in_features), c.bias, c.mult, c.shift, Window((1, 1)),
        (c.rows, 1, in_features), (c.rows, 1, out_features), 0, c.y_zero, c.act_min, c.act_max,
    )  # fmt: skip
