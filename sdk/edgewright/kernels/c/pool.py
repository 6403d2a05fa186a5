"""Pooling and reduction kernels in portable C."""

import math
from typing import ClassVar, TypeVar

from edgewright.cgen import Array, Fields
from edgewright.contracts.pool import ArgMaxS8, AvgPoolS8, MaxPoolS8, ReduceMaxS8, ReduceSumS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.elementwise import named
from edgewright.kernels.geometry.overlap import overlap_bytes, stepped


def pool_fields(c: MaxPoolS8 | AvgPoolS8) -> Fields:
    """The part of `ew_pool_s8_t` that both kinds of pooling use."""
    return {
        **dict(zip(("in_h", "in_w", "channels"), c.in_shape, strict=True)),
        **dict(zip(("out_h", "out_w"), c.out_shape[:2], strict=True)),
        **dict(zip(("k_h", "k_w"), c.window.kernel, strict=True)),
        **dict(zip(("pad_top", "pad_left"), c.window.pad, strict=True)),
        **dict(zip(("stride_h", "stride_w"), c.window.stride, strict=True)),
        **dict(zip(("dilation_h", "dilation_w"), c.window.dilation, strict=True)),
        "act_min": c.act_min,
        "act_max": c.act_max,
    }


def window_reads(c: MaxPoolS8 | AvgPoolS8) -> int:
    """Values read when no window leaves the input."""
    return c.out_shape[0] * c.out_shape[1] * c.out_shape[2] * c.window.kernel[0] * c.window.kernel[1]


Pool = TypeVar("Pool", bound=MaxPoolS8 | AvgPoolS8)


class _PoolKernel(Kernel[Pool]):
    """Windows one position at a time, which may be written while it is read.

    instructions: per value read, per output, and per call.
    """

    instructions: ClassVar[tuple[float, float, float]]

    def overlap_bytes(self, contract: Pool) -> int | None:
        positions = stepped(contract.out_shape[0] * contract.out_shape[1], 1)
        return overlap_bytes(contract.window, contract.in_shape, contract.out_shape, positions, copied=False)

    def cost(self, contract: Pool) -> float:
        """Counted; 190 for each position, to find the part of the window that lies inside the input."""
        per_read, per_output, per_call = self.instructions
        outputs = 190 + per_output * contract.out_shape[2]
        return per_read * window_reads(contract) + math.prod(contract.out_shape[:2]) * outputs + per_call


class MaxPoolKernel(_PoolKernel[MaxPoolS8]):
    """Any maximum pooling."""

    symbol = "ew_max_pool_s8"
    sources: ClassVar[tuple[str, ...]] = ("c/ew_max_pool_s8.c",)
    instructions = (5.3, 17.5, 370.0)

    def calls(self, contract: MaxPoolS8) -> list[KernelCall]:
        unused = dict.fromkeys(("mult", "count_min", "mult_is_uniform", "shift", "x_zero", "y_zero"), 0)
        return [KernelCall(self.symbol, "ew_pool_s8_t", {**pool_fields(contract), **unused})]


class AvgPoolKernel(_PoolKernel[AvgPoolS8]):
    """Any average pooling."""

    symbol = "ew_avg_pool_s8"
    sources: ClassVar[tuple[str, ...]] = ("c/ew_avg_pool_s8.c",)
    instructions = (3.3, 25.0, 270.0)

    def calls(self, contract: AvgPoolS8) -> list[KernelCall]:
        fields = {
            **pool_fields(contract),
            **named(contract, "count_min", "mult_is_uniform", "shift", "x_zero", "y_zero"),
            "mult": Array(contract.mult.reshape(-1)),
        }
        return [KernelCall(self.symbol, "ew_pool_s8_t", fields)]


class ReduceSumKernel(Kernel[ReduceSumS8]):
    """Any sum or mean along adjacent axes."""

    symbol = "ew_reduce_sum_s8"
    sources: ClassVar[tuple[str, ...]] = ("c/ew_reduce_sum_s8.c",)

    def calls(self, contract: ReduceSumS8) -> list[KernelCall]:
        names = ("mult", "outer", "n", "inner", "shift", "x_zero", "y_zero", "act_min", "act_max")
        return [KernelCall(self.symbol, "ew_reduce_s8_t", {**named(contract, *names), "is_max": 0})]

    def scratch_bytes(self, contract: ReduceSumS8) -> int:
        return 4 * contract.inner

    def cost(self, contract: ReduceSumS8) -> float:
        """Counted: a row of sums, to which n rows are added."""
        return 40 + contract.outer * (37 + 18 * contract.inner + contract.n * (7 + 6 * contract.inner))


class ReduceMaxKernel(Kernel[ReduceMaxS8]):
    """Any maximum or minimum along adjacent axes."""

    symbol = "ew_reduce_max_s8"
    sources = ("c/ew_reduce_max_s8.c",)

    def calls(self, contract: ReduceMaxS8) -> list[KernelCall]:
        unused = dict.fromkeys(("mult", "shift", "x_zero", "y_zero", "act_min", "act_max"), 0)
        fields = {**named(contract, "outer", "n", "inner", "is_max"), **unused}
        return [KernelCall(self.symbol, "ew_reduce_s8_t", fields)]

    def cost(self, contract: ReduceMaxS8) -> float:
        return 10 + contract.outer * (16 + 4 * contract.inner + (contract.n - 1) * (8 + 12 * contract.inner))


class ArgMaxKernel(Kernel[ArgMaxS8]):
    """Any arg-max or arg-min along one axis."""

    symbol = "ew_arg_max_s8"
    sources = ("c/ew_arg_max_s8.c",)

    def calls(self, contract: ArgMaxS8) -> list[KernelCall]:
        fields = named(contract, "outer", "n", "inner", "is_max", "select_last")
        return [KernelCall(self.symbol, "ew_arg_max_s8_t", fields)]

    def cost(self, contract: ArgMaxS8) -> float:
        return 21 + contract.outer * (7 + contract.inner * (12 + 12 * contract.n))
