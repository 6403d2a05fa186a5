"""GRU."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.movement import CopyS8, ReshapeS8
from edgewright.contracts.recurrent import UNIT_BITS, GruS8
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode, Unsupported
from edgewright.ops.recurrent import BIAS, FIRST_H, R, Recurrent, W, X


@dataclass(frozen=True)
class Gru(Recurrent):
    """Outputs: y and its last step. Gates: update, reset, candidate.

    reset_after: ONNX's linear_before_reset. The units have 16 bits inside one run and 8 between two runs.
    """

    onnx_types = ("GRU",)
    contracts = (GruS8, CopyS8, ReshapeS8)
    gate_count = 3

    reset_after: bool = False

    @classmethod
    def one_direction(cls, node: OnnxNode, hidden: int, reverse: bool) -> Gru:
        return cls(hidden, reverse, reset_after=bool(node.attribute("linear_before_reset", 0)))

    def to_onnx(self) -> list[OnnxForm]:
        attributes = {
            "hidden_size": self.hidden,
            "direction": "reverse" if self.reverse else "forward",
            "linear_before_reset": int(self.reset_after),
        }
        return [OnnxForm("GRU", attributes)]

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, w, r, bias, first = (inputs[k] for k in (X, W, R, BIAS, FIRST_H))
        assert x is not None
        assert w is not None
        assert r is not None
        assert bias is not None
        assert first is not None
        bias_x, bias_h = bias.reshape(2, -1)
        split, h = 2 * self.hidden, first[0, 0]
        y = np.empty((len(x), 1, 1, self.hidden), dtype=np.float32)
        for t in range(len(x))[:: -1 if self.reverse else 1]:
            of_x, of_h = w[0] @ x[t, 0] + bias_x, r[0] @ h + bias_h
            z, reset = (1 / (1 + np.exp(-(of_x + of_h)[:split]))).reshape(2, self.hidden)
            kept = reset * of_h[split:] if self.reset_after else r[0, split:] @ (reset * h) + bias_h[split:]
            h = (1 - z) * np.tanh(of_x[split:] + kept) + z * h
            y[t, 0, 0] = h
        return [y, h.reshape(1, 1, -1).astype(np.float32)]

    def lower(self, low: Lowering) -> None:
        h = self.state_quant(low)
        unit_mult = round(h.scale * 2.0 ** (UNIT_BITS + 12))
        if unit_mult >= 2**31:
            raise Unsupported(f"an output of scale {h.scale:g}; supported: below {2.0 ** (19 - UNIT_BITS):g}")
        contract = GruS8(**self.shared(low, h), unit_mult=unit_mult, reset_after=self.reset_after)
        self.emit_outputs(low, contract, [low.input(X), low.input_as(FIRST_H, h)], h)
