"""Pooling kernels by the DSP instructions of Armv6, Armv7E-M and Armv8-M."""

import math

import numpy as np

from edgewright.contracts.conv import LARGEST_SIZE, LARGEST_STEP, Window
from edgewright.contracts.pool import AvgPoolS8, MaxPoolS8, ReduceSumS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c import pool as portable
from edgewright.kernels.c.pool import window_reads

POOL_SOURCE = "dsp/ew_pool_driver__dsp.c"


def channels_refusal(channels: int) -> str | None:
    return f"{channels} channels; supported: 4 or more" if channels < 4 else None


def pool_instructions(c: MaxPoolS8 | AvgPoolS8, per_value: float, per_four: float) -> float:
    """Of windows that do not leave the input; per_four: beside the values read, for four channels."""
    return 150 + math.prod(c.out_shape[:2]) * (80 + (c.out_shape[2] + 3) // 4 * per_four) + per_value * window_reads(c)


class MaxPoolKernel(portable.MaxPoolKernel):
    """Maximum pooling of 4 channels or more."""

    symbol = "ew_max_pool_s8__dsp"
    sources = ("dsp/ew_max_pool_s8__dsp.c", POOL_SOURCE)

    def limits(self, contract: MaxPoolS8) -> str | None:
        return channels_refusal(contract.in_shape[2])

    def cost(self, contract: MaxPoolS8) -> float:
        return pool_instructions(contract, 1.95, 26.0)


class AvgPoolKernel(portable.AvgPoolKernel):
    """Average pooling of 4 channels or more."""

    symbol = "ew_avg_pool_s8__dsp"
    sources = ("dsp/ew_avg_pool_s8__dsp.c", POOL_SOURCE)

    def limits(self, contract: AvgPoolS8) -> str | None:
        return channels_refusal(contract.in_shape[2])

    def cost(self, contract: AvgPoolS8) -> float:
        return pool_instructions(contract, 1.0, 150.0)


class ReduceSumAsAvgPoolKernel(Kernel[ReduceSumS8]):
    """A sum or mean along one axis as average pooling of one column."""

    symbol = AvgPoolKernel.symbol
    sources = AvgPoolKernel.sources

    def limits(self, contract: ReduceSumS8) -> str | None:
        positions, inner, per_sum = contract.outer * contract.n, contract.inner, contract.n
        if max(positions, inner) > LARGEST_SIZE or (contract.outer > 1 and per_sum > LARGEST_STEP):
            found = f"{positions} positions of {inner} values, {per_sum} per sum"
            return f"{found}; supported: {LARGEST_SIZE:,}, {LARGEST_SIZE:,}, {LARGEST_STEP}"
        return channels_refusal(inner)

    def calls(self, contract: ReduceSumS8) -> list[KernelCall]:
        return AvgPoolKernel().calls(_as_pool(contract))

    def cost(self, contract: ReduceSumS8) -> float:
        return AvgPoolKernel().cost(_as_pool(contract))


def _as_pool(c: ReduceSumS8) -> AvgPoolS8:
    window = Window((c.n, 1), (min(c.n, LARGEST_STEP), 1))
    return AvgPoolS8(
        np.array([c.mult], dtype=np.int32), c.shift, c.n, True, window,
        (c.outer * c.n, 1, c.inner), (c.outer, 1, c.inner), c.x_zero, c.y_zero, c.act_min, c.act_max,
    )  # fmt: skip
