"""Fully connected and matrix product kernels in portable C."""

import numpy as np

from edgewright.cgen import Array, Fields
from edgewright.contracts.dense import FcS8, MatmulS8
from edgewright.kernels.base import Kernel, KernelCall


def fc_fields(c: FcS8, weights: Array, bias: Array | int, mult: Array | int) -> Fields:
    """The `ew_fc_s8_t` of a layer; bias and mult are 0 when the packing of `weights` holds them."""
    out_features, in_features = c.weights.shape
    return {
        "w": weights,
        "bias": bias,
        "mult": mult,
        "rows": c.rows,
        "in_features": in_features,
        "out_features": out_features,
        "shift": c.shift,
        "y_zero": c.y_zero,
        "act_min": c.act_min,
        "act_max": c.act_max,
    }


class FcKernel(Kernel[FcS8]):
    """Any fully connected layer."""

    symbol = "ew_fc_s8"
    sources = ("c/ew_fc_s8.c",)

    def calls(self, contract: FcS8) -> list[KernelCall]:
        weights = Array(np.ascontiguousarray(contract.weights).reshape(-1))
        fields = fc_fields(contract, weights, Array(contract.bias), Array(contract.mult))
        return [KernelCall(self.symbol, "ew_fc_s8_t", fields)]

    def cost(self, contract: FcS8) -> float:
        """Counted: four outputs at a time, then one by one."""
        fours, rest = divmod(contract.weights.shape[0], 4)
        k = contract.weights.shape[1]
        return float(43 + contract.rows * (33 + fours * (119 + 11 * k) + rest * (30 + 5 * k)))


class MatmulKernel(Kernel[MatmulS8]):
    """Any product of two activations."""

    symbol = "ew_matmul_s8"
    sources = ("c/ew_matmul_s8.c",)

    def calls(self, contract: MatmulS8) -> list[KernelCall]:
        names = ("batch", "rows", "inner", "cols", "a_stride", "b_stride", "mult", "shift")
        zeros = ("a_zero", "b_zero", "y_zero", "act_min", "act_max")
        fields = {name: getattr(contract, name) for name in names + zeros}
        return [KernelCall(self.symbol, "ew_matmul_s8_t", fields, inputs=(0, 1))]

    def cost(self, contract: MatmulS8) -> float:
        """Counted: four columns at a time, then one by one; the sum of each row of a beside them."""
        (fours, rest), k = divmod(contract.cols, 4), contract.inner
        row = 13 + 5.5 * k + fours * (103 + 12.7 * k) + rest * (12 + 6.7 * k)
        return contract.batch * contract.rows * row
