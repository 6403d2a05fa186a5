"""Softmax kernels in portable C."""

import numpy as np

from edgewright.cgen import Array, Fields
from edgewright.contracts.softmax import LogSoftmaxS8, SoftmaxS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.elementwise import named


class SoftmaxKernel(Kernel[SoftmaxS8]):
    """Any softmax along one axis."""

    symbol = "ew_softmax_s8"
    sources = ("c/ew_softmax_s8.c",)

    def calls(self, contract: SoftmaxS8) -> list[KernelCall]:
        entries = int(np.count_nonzero(contract.exp_table))
        fields: Fields = {
            "exp_table": Array(contract.exp_table[:entries]),
            "exp_entries": entries,
            **named(contract, "outer", "n", "inner", "y_levels", "y_zero"),
        }
        return [KernelCall(self.symbol, "ew_softmax_s8_t", fields)]

    def cost(self, contract: SoftmaxS8) -> float:
        return 115 + contract.outer * (18 + contract.inner * (23 + 40.2 * contract.n))


class LogSoftmaxKernel(Kernel[LogSoftmaxS8]):
    """Any log-softmax along one axis."""

    symbol = "ew_log_softmax_s8"
    sources = ("c/ew_log_softmax_s8.c",)

    def calls(self, contract: LogSoftmaxS8) -> list[KernelCall]:
        fields: Fields = {
            "exp_table": Array(contract.exp_table),
            **named(contract, "outer", "n", "inner", "x_mult", "log_mult", "shift", "y_zero"),
        }
        return [KernelCall(self.symbol, "ew_log_softmax_s8_t", fields)]

    def cost(self, contract: LogSoftmaxS8) -> float:
        return 8 + contract.outer * (12 + contract.inner * (259 + 33 * contract.n))
