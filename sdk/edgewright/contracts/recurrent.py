"""LSTM and GRU: int8 in and out, gates and cell in 16 bits."""

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.base import Contract
from edgewright.numerics import requantize, saturating_shift_left

#: Fractional bits of what goes into a sigmoid or tanh, of an LSTM's cell, and of what a sigmoid or tanh gives.
GATE_BITS, CELL_BITS, UNIT_BITS = 12, 11, 15


def sigmoid_table() -> np.ndarray:
    """int16 [257]: 2^15 * sigmoid at -8, -8 + 1/16, ... 8."""
    return np.rint(2.0**UNIT_BITS / (1 + np.exp(-(np.arange(257) - 128) / 16))).astype(np.int16)


def to_s16(v: np.ndarray) -> np.ndarray:
    """`v` saturated to int16; int64 in and out."""
    return v.clip(-(2**15), 2**15 - 1)


@dataclass(frozen=True, eq=False)
class Recurrent(Contract):
    """What both have: the linear part of all gates, `ew_gates_t`, each row a gate of a unit, gate by gate.

    gate = requantized(x_weights x + x_bias) + requantized(h_weights h + h_bias), in 2^-12.
    x_weights int8 [gates * hidden, inputs], h_weights int8 [gates * hidden, hidden]; biases hold the zero points.
    x [steps, inputs], h [hidden]: the first state, of the scale of y. reverse: from the last step to the first.
    """

    x_weights: np.ndarray
    x_bias: np.ndarray
    x_mult: np.ndarray
    x_shift: int
    h_weights: np.ndarray
    h_bias: np.ndarray
    h_mult: np.ndarray
    h_shift: int
    sigmoid: np.ndarray
    steps: int
    inputs: int
    hidden: int
    y_mult: int
    y_shift: int
    y_zero: int
    reverse: bool

    @property
    def macs(self) -> int:
        return self.steps * (self.x_weights.size + self.h_weights.size)

    def of_x(self, x: np.ndarray) -> np.ndarray:
        """What the input contributes, int64 [gates * hidden]."""
        return _scaled(self.x_weights @ x + self.x_bias, self.x_mult, self.x_shift)

    def of_h(self, h: np.ndarray) -> np.ndarray:
        """What the previous output contributes, int64 [gates * hidden]."""
        return _scaled(self.h_weights @ h + self.h_bias, self.h_mult, self.h_shift)

    def squash(self, gate: np.ndarray) -> np.ndarray:
        """Sigmoid in 2^-15 of int16 values in 2^-12, linear between the entries of the table."""
        at = gate + 2**15
        table = self.sigmoid.astype(np.int64)
        low, high = table[at >> 8], table[(at >> 8) + 1]
        y: np.ndarray = low + (((high - low) * (at & 255) + 128) >> 8)
        return y

    def squash_tanh(self, gate: np.ndarray) -> np.ndarray:
        """tanh in 2^-15 of int16 values in 2^-12: 2 sigmoid(2 x) - 1."""
        return 2 * self.squash(to_s16(2 * gate)) - 2**15


def _scaled(acc: np.ndarray, mult: np.ndarray, shift: int) -> np.ndarray:
    y: np.ndarray = (saturating_shift_left(acc, shift) * mult.astype(np.int64) + 2**31) >> 32
    return y


@dataclass(frozen=True, eq=False)
class LstmS8(Recurrent):
    """An LSTM over a sequence, `ew_lstm_s8`; gates in the order of ONNX: input, output, forget, cell.

    Inputs: x, h, c [hidden]. Output: y [steps, hidden], and behind it, when returns_cell, the last cell [hidden].
    cell_mult: 2^23 * scale of c.
    """

    cell_mult: int
    cell_zero: int
    out_cell_mult: int
    out_cell_shift: int
    out_cell_zero: int
    returns_cell: bool

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        flat, h, c = (v.astype(np.int64).reshape(-1) for v in inputs)
        x = flat.reshape(self.steps, self.inputs)
        y = np.empty((self.steps + self.returns_cell, self.hidden), dtype=np.int8)
        cell = to_s16(((c - self.cell_zero) * self.cell_mult + 2**11) >> 12)
        for t in range(self.steps)[:: -1 if self.reverse else 1]:
            linear = to_s16(self.of_x(x[t]) + self.of_h(h)).reshape(4, self.hidden)
            i, o, f = (self.squash(linear[k]) for k in range(3))
            candidate = self.squash_tanh(linear[3])
            cell = to_s16(((f * cell + 2**14) >> 15) + ((i * candidate + 2**18) >> 19))
            unit = (o * self.squash_tanh(to_s16(2 * cell)) + 2**14) >> 15
            y[t] = requantize(unit, self.y_mult, self.y_shift, self.y_zero)
            h = y[t].astype(np.int64)
        if self.returns_cell:
            y[-1] = requantize(cell, self.out_cell_mult, self.out_cell_shift, self.out_cell_zero)
        return y.reshape(-1)


@dataclass(frozen=True, eq=False)
class GruS8(Recurrent):
    """A GRU over a sequence, `ew_gru_s8`; gates in the order of ONNX: update, reset, candidate.

    Inputs: x, h. Output: y [steps, hidden]. unit_mult: 2^27 * scale of y.
    reset_after: the reset gate scales what h contributes to the candidate (linear_before_reset), not h itself.
    """

    unit_mult: int
    reset_after: bool

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        flat, h = (v.astype(np.int64).reshape(-1) for v in inputs)
        x = flat.reshape(self.steps, self.inputs)
        y = np.empty((self.steps, self.hidden), dtype=np.int8)
        unit = to_s16(((h - self.y_zero) * self.unit_mult + 2**11) >> 12)
        last = slice(2 * self.hidden, 3 * self.hidden)
        for t in range(self.steps)[:: -1 if self.reverse else 1]:
            of_x, of_h = self.of_x(x[t]), self.of_h(h)
            z, r = self.squash(to_s16(of_x + of_h)[: 2 * self.hidden]).reshape(2, self.hidden)
            if self.reset_after:
                kept = (r * to_s16(of_h[last]) + 2**14) >> 15
            else:
                reset = requantize((r * unit + 2**14) >> 15, self.y_mult, self.y_shift, self.y_zero)
                kept = self.of_h(reset.astype(np.int64))[last]
            candidate = self.squash_tanh(to_s16(of_x[last] + kept))
            unit = candidate + ((z * (unit - candidate) + 2**14) >> 15)
            y[t] = requantize(unit, self.y_mult, self.y_shift, self.y_zero)
            h = y[t].astype(np.int64)
        return y.reshape(-1)
