"""LSTM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.contracts.movement import CopyS8, ReshapeS8
from edgewright.contracts.recurrent import CELL_BITS, LstmS8
from edgewright.numerics import multiplier
from edgewright.ops.base import Shape
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxForm, OnnxNode, Unsupported
from edgewright.ops.recurrent import BIAS, FIRST_C, FIRST_H, R, Recurrent, W, X, part


@dataclass(frozen=True)
class Lstm(Recurrent):
    """Outputs: y, its last step, and the last cell [1, 1, hidden] when returns_cell.

    Gates in the order input, output, forget, cell.
    The cell has 16 bits inside one run and 8 between two runs.
    """

    onnx_types = ("LSTM",)
    contracts = (LstmS8, CopyS8, ReshapeS8)
    gate_count = 4

    returns_cell: bool = False

    @classmethod
    def one_direction(cls, node: OnnxNode, hidden: int, reverse: bool) -> Lstm:
        return cls(hidden, reverse, returns_cell=any(node.output_names[2:3]))

    @classmethod
    def states(cls) -> tuple[int, ...]:
        return (FIRST_H, FIRST_C)

    def to_onnx(self) -> list[OnnxForm]:
        direction = "reverse" if self.reverse else "forward"
        return [OnnxForm("LSTM", {"hidden_size": self.hidden, "direction": direction})]

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        shapes = super().output_shapes(*inputs)
        return [*shapes, shapes[1]] if self.returns_cell else shapes

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        x, w, r, bias, h, c = (inputs[k] for k in (X, W, R, BIAS, FIRST_H, FIRST_C))
        assert x is not None
        assert w is not None
        assert r is not None
        assert bias is not None
        assert h is not None
        assert c is not None
        bias_x, bias_h = bias.reshape(2, -1)
        h, c = h[0, 0], c[0, 0]
        y = np.empty((len(x), 1, 1, self.hidden), dtype=np.float32)
        for t in range(len(x))[:: -1 if self.reverse else 1]:
            linear = (w[0] @ x[t, 0] + bias_x + r[0] @ h + bias_h).reshape(4, self.hidden)
            i, o, f = 1 / (1 + np.exp(-linear[:3]))
            c = f * c + i * np.tanh(linear[3])
            h = o * np.tanh(c)
            y[t, 0, 0] = h
        outputs = [y, h.reshape(1, 1, -1), c.reshape(1, 1, -1)]
        return [v.astype(np.float32) for v in outputs[: 3 if self.returns_cell else 2]]

    def lower(self, low: Lowering) -> None:
        h, cq = self.state_quant(low), low.quant(FIRST_C)
        cell_mult = round(cq.scale * 2.0 ** (CELL_BITS + 12))
        if cell_mult >= 2**31:
            raise Unsupported(f"a cell of scale {cq.scale:g}; supported: below {2.0 ** (19 - CELL_BITS):g}")
        to_cell = multiplier(2.0**-CELL_BITS / low.out_quant(2).scale if self.returns_cell else 0.0)
        contract = LstmS8(
            **self.shared(low, h), cell_mult=cell_mult, cell_zero=cq.zero, out_cell_mult=int(to_cell.mult[0]),
            out_cell_shift=to_cell.shift, out_cell_zero=low.out_quant(2).zero if self.returns_cell else 0,
            returns_cell=self.returns_cell,
        )  # fmt: skip
        extra = self.hidden if self.returns_cell else 0
        operands = [low.input(X), low.input_as(FIRST_H, h), low.input(FIRST_C)]
        whole = self.emit_outputs(low, contract, operands, h, extra)
        if self.returns_cell:
            low.emit(part(whole.size, whole.size - extra, low.out(2).shape), [whole], out=2)
