"""4-bit weights in portable C."""

import numpy as np

from edgewright.cgen import Array
from edgewright.contracts.dense import FcS8
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.dense import fc_fields
from edgewright.kernels.nibbles import narrow, refusal_of_w4

#: Inputs whose products with bytes of two weights int32 holds.
INPUTS_MAX = 2**31 // (128 * 119) - 1


def byte_pairs(weights: np.ndarray) -> np.ndarray:
    """Two outputs to a byte: int8 [ceil(n / 2), k] of int8 [n, k]; lo + 16 hi of outputs 2 i and 2 i + 1."""
    even = np.pad(weights, ((0, len(weights) % 2), (0, 0))).astype(np.int16)
    pairs: np.ndarray = (even[0::2] + 16 * even[1::2]).astype(np.int8)
    return pairs


class FcW4Kernel(Kernel[FcS8]):
    """A fully connected layer of weights in [-7, 7], two outputs at a time."""

    symbol = "ew_fc_w4_s8"
    sources = ("c/ew_fc_w4_s8.c",)

    def limits(self, contract: FcS8) -> str | None:
        if contract.weights.shape[1] > INPUTS_MAX:
            return f"{contract.weights.shape[1]} inputs; supported: {INPUTS_MAX}"
        return refusal_of_w4(narrow(contract))

    def calls(self, contract: FcS8) -> list[KernelCall]:
        contract = narrow(contract)
        weights = Array(byte_pairs(contract.weights).reshape(-1))
        fields = fc_fields(contract, weights, Array(contract.bias), Array(contract.mult))
        return [KernelCall(self.symbol, "ew_fc_s8_t", fields)]

    def cost(self, contract: FcS8) -> float:
        """Counted: four outputs at a time."""
        n, k = contract.weights.shape
        return float(20 + contract.rows * (17 + 25 * n + -(-n // 4) * (40 + 13 * k)))
