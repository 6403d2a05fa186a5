"""Recurrent kernels in portable C."""

import numpy as np

from edgewright.cgen import Array, Fields
from edgewright.contracts.recurrent import GruS8, LstmS8, Recurrent
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.elementwise import named


def gates_fields(c: Recurrent) -> Fields:
    """The `ew_gates_t` of a layer."""
    return {
        "wx": Array(np.ascontiguousarray(c.x_weights).reshape(-1)),
        "wh": Array(np.ascontiguousarray(c.h_weights).reshape(-1)),
        **{name: Array(getattr(c, name)) for name in ("x_bias", "x_mult", "h_bias", "h_mult", "sigmoid")},
        "x_shift": c.x_shift,
        "h_shift": c.h_shift,
    }


class LstmKernel(Kernel[LstmS8]):
    """Any LSTM, a unit at a time."""

    symbol = "ew_lstm_s8"
    sources = ("c/ew_lstm_s8.c",)

    def calls(self, contract: LstmS8) -> list[KernelCall]:
        cell = ("cell_mult", "cell_zero", "out_cell_mult", "out_cell_shift", "out_cell_zero", "returns_cell")
        fields: Fields = {
            "gates": gates_fields(contract),
            **named(contract, "steps", "inputs", "hidden", "y_mult", "y_shift", "y_zero", "reverse", *cell),
        }
        return [KernelCall(self.symbol, "ew_lstm_s8_t", fields, inputs=(0, 1, 2))]

    def scratch_bytes(self, contract: LstmS8) -> int:
        return 2 * contract.hidden

    def cost(self, contract: LstmS8) -> float:
        """Counted; 420 for the gates of a unit."""
        return 4.87 * contract.macs + 420 * contract.steps * contract.hidden + 1600


class GruKernel(Kernel[GruS8]):
    """Any GRU, a unit at a time."""

    symbol = "ew_gru_s8"
    sources = ("c/ew_gru_s8.c",)

    def calls(self, contract: GruS8) -> list[KernelCall]:
        sizes = ("steps", "inputs", "hidden")
        fields: Fields = {
            "gates": gates_fields(contract),
            **named(contract, *sizes, "y_mult", "y_shift", "y_zero", "unit_mult", "reverse", "reset_after"),
        }
        return [KernelCall(self.symbol, "ew_gru_s8_t", fields, inputs=(0, 1))]

    def scratch_bytes(self, contract: GruS8) -> int:
        return (2 if contract.reset_after else 3) * contract.hidden

    def cost(self, contract: GruS8) -> float:
        """Counted; 295 for the gates of a unit."""
        return 4.84 * contract.macs + 295 * contract.steps * contract.hidden + 500
