"""What LSTM and GRU share: import of every direction, limits, and the integer gates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from edgewright.contracts import Contract
from edgewright.contracts.movement import Copy, CopyS8, ReshapeS8
from edgewright.contracts.recurrent import GATE_BITS, UNIT_BITS, sigmoid_table
from edgewright.ir import Quant, Value
from edgewright.ir.builder import Builder
from edgewright.numerics import multiplier, quantize_linear
from edgewright.ops.base import Op, Shape
from edgewright.ops.concat import Concat
from edgewright.ops.limits import limit
from edgewright.ops.lowering import Lowering
from edgewright.ops.onnx_node import OnnxNode
from edgewright.ops.reshape import Reshape
from edgewright.ops.slice import Slice

#: Positions of the inputs that both operators have; 5 and 6 are the first h and, of an LSTM, c.
X, W, R, BIAS, LENGTHS, FIRST_H, FIRST_C = range(7)
#: Steps depend on each other and run one after the other, in the float reference too: some seconds a sample.
MAX_STEPS = 8_192


@dataclass(frozen=True)
class Recurrent(Op):
    """One direction of a recurrent layer with a batch of 1, as ONNX says it with num_directions 1.

    Inputs: x [steps, 1, inputs]; with rows = gates * hidden: w [1, rows, inputs], r [1, rows, hidden], b [1, 2 * rows];
    None; h [1, 1, hidden]; and of an LSTM c [1, 1, hidden]. First output: y [steps, 1, 1, hidden].
    """

    gate_count: ClassVar[int]
    activations: ClassVar[tuple[str, ...]]

    hidden: int
    reverse: bool = False

    @limit
    @staticmethod
    def constant_weights(node: OnnxNode) -> str | None:
        """constant weights and biases"""
        computed = [v.name for v in node.inputs[1:5] if v is not None and v.data is None]
        return f"'{computed[0]}' is computed at run time" if computed else None

    @limit
    @staticmethod
    def fitting_shapes(node: OnnxNode) -> str | None:
        """an input of rank 3, and weights, biases and states of the shapes that go with it and hidden_size"""
        x, r = node.input(X).shape, node.input(R).shape
        directions = {"forward": 1, "reverse": 1, "bidirectional": 2}.get(node.text("direction", "forward"))
        if len(x) != 3 or len(r) != 3 or directions is None:
            return f"input {list(x)}, recurrence {list(r)}, direction {node.text('direction', 'forward')}"
        hidden = node.attribute("hidden_size", r[2])
        rows = {"LSTM": 4, "GRU": 3}[node.op_type] * hidden
        wanted = {W: (directions, rows, x[2]), R: (directions, rows, hidden), BIAS: (directions, 2 * rows)}
        wrong = [f"'{node.input(k).name}' of shape {list(node.input(k).shape)} instead of {list(shape)}"
                 for k, shape in wanted.items() if node.has_input(k) and node.input(k).shape != shape]  # fmt: skip
        wrong += [f"'{node.input(k).name}' of {node.input(k).size} values instead of {directions * hidden}"
                  for k in (FIRST_H, FIRST_C) if node.has_input(k) and x[1 - node.attribute("layout", 0)] == 1
                  and node.input(k).size != directions * hidden]  # fmt: skip
        return next(iter(wrong), None)

    @limit
    @staticmethod
    def batch(node: OnnxNode) -> str | None:
        """a batch of 1, and whole sequences"""
        steps, batch, _ = time_major(node)
        if batch != 1:
            return f"batch {batch}"
        lengths = node.constant(LENGTHS, "sequence_lens") if node.has_input(LENGTHS) else np.array([steps])
        return None if np.all(lengths == steps) else f"sequence_lens {lengths.tolist()} of {steps} steps"

    @limit
    @staticmethod
    def steps(node: OnnxNode) -> str | None:
        """at most 8,192 steps"""
        steps, _, _ = time_major(node)
        return f"{steps} steps" if steps > MAX_STEPS else None

    @limit
    @staticmethod
    def plain(node: OnnxNode) -> str | None:
        """the default activations; no clip, no peepholes and no coupled gates"""
        default = {"LSTM": ("sigmoid", "tanh", "tanh"), "GRU": ("sigmoid", "tanh")}[node.op_type]
        given = [v.decode().lower() if isinstance(v, bytes) else v.lower() for v in node.attribute("activations") or ()]
        if given not in ([], [*default], [*default, *default]):
            return f"activations {', '.join(given)}"
        extras = [name for name in ("clip", "input_forget") if node.attribute(name, 0)]
        extras += ["peepholes"] if node.has_input(7) else []
        return extras[0] if extras else None

    @classmethod
    def import_onnx(cls, node: OnnxNode, build: Builder) -> list[Value]:
        """Source: ONNX LSTM and GRU, opset 22. A batch of 1 makes layout 1 a matter of shapes."""
        x, hidden = node.input(X), node.input(R).shape[2]
        steps, _, inputs = time_major(node)
        batch_first = node.attribute("layout", 0) == 1
        if batch_first:
            x = build.value(Reshape((steps, 1, inputs)), [x])
        direction = node.text("direction", "forward")
        backwards = {"forward": [False], "reverse": [True], "bidirectional": [False, True]}[direction]
        parts = []
        for k, reverse in enumerate(backwards):
            op = cls.one_direction(node, hidden, reverse)
            constants = [_direction(node, position, k, build) for position in (W, R, BIAS)]
            states = [_state(node, position, k, hidden, build) for position in cls.states()]
            parts.append(build.node(op, [x, *constants, None, *states]))
        joined = [
            values[0] if len(values) == 1 else build.value(Concat(1 if k == 0 else 0), list(values))
            for k, values in enumerate(zip(*parts, strict=True))
        ]
        count = len(backwards)
        shapes: list[Shape] = [(1, steps, count, hidden) if batch_first else (steps, count, 1, hidden)]
        shapes += [(1, count, hidden) if batch_first else (count, 1, hidden)] * (len(joined) - 1)
        names = [*node.output_names, *[""] * len(joined)]
        return [build.value(Reshape(s), [v], n or None) for s, v, n in zip(shapes, joined, names, strict=False)]

    @classmethod
    def one_direction(cls, node: OnnxNode, hidden: int, reverse: bool) -> Recurrent:
        """The record of one direction of `node`."""
        return cls(hidden, reverse)

    @classmethod
    def states(cls) -> tuple[int, ...]:
        """Positions of the inputs that hold a state."""
        return (FIRST_H,)

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        x = inputs[X]
        assert x is not None
        return [(x[0], 1, 1, self.hidden), (1, 1, self.hidden)]

    def macs(self, inputs: list[Shape | None], output: Shape) -> int:
        w, r = inputs[W], inputs[R]
        assert w is not None
        assert r is not None
        return output[0] * (math.prod(w) + math.prod(r))

    def shared(self, low: Lowering, h: Quant) -> dict[str, Any]:
        """The fields that both contracts have, for outputs and states of scale `h`."""
        rows, x = self.gate_count * self.hidden, low.input(X)
        bias, xq = low.real(BIAS).reshape(2, rows), low.quant(X)
        of_x = quantize_linear(low.real(W)[0], bias[0], xq.scale, xq.zero, 2.0**-GATE_BITS)
        of_h = quantize_linear(low.real(R)[0], bias[1], h.scale, h.zero, 2.0**-GATE_BITS)
        to_y = multiplier(2.0**-UNIT_BITS / h.scale)
        return {
            "x_weights": of_x.weights, "x_bias": of_x.bias, "x_mult": of_x.mult, "x_shift": of_x.shift,
            "h_weights": of_h.weights, "h_bias": of_h.bias, "h_mult": of_h.mult, "h_shift": of_h.shift,
            "sigmoid": sigmoid_table(), "steps": x.shape[0], "inputs": x.shape[2], "hidden": self.hidden,
            "y_mult": int(to_y.mult[0]), "y_shift": to_y.shift, "y_zero": h.zero, "reverse": self.reverse,
        }  # fmt: skip

    def state_quant(self, low: Lowering) -> Quant:
        """The scale of y inside the layer: that of the output, widened where the first state goes beyond it.

        No state that the layer itself has made is beyond 1, and a first state is taken as one of these.
        """
        yq, first = low.out_quant(), low.node.operand(FIRST_H)
        reals = low.quant(FIRST_H).dequantize(np.array([-128, 127])) if first.data is None else first.data
        reals = np.clip(reals, -1, 1)
        ends = yq.dequantize(np.array([-128, 127]))
        least, most = min(float(reals.min()), float(ends[0])), max(float(reals.max()), float(ends[1]))
        if (least, most) == (ends[0], ends[1]):
            return yq
        scale = (most - least) / 255
        return Quant(scale, int(np.clip(np.rint(-128 - least / scale), -128, 127)))

    def emit_outputs(self, low: Lowering, contract: Contract, operands: list[Value], h: Quant, extra: int = 0) -> Value:
        """Emit the contract, whose result has `extra` elements behind y, and outputs 0 and 1; the whole result."""
        size = low.out().size
        if h == low.out_quant() and not extra:
            whole = low.emit(contract, operands)
        else:
            whole = low.temp(contract, operands, (size + extra,), h)
            low.emit_moved(part(size + extra, 0, low.out().shape), whole)
        start = 0 if self.reverse else size - self.hidden
        low.emit_moved(part(size + extra, start, low.out(1).shape), whole, out=1)
        return whole


def part(size: int, start: int, shape: Shape) -> CopyS8 | ReshapeS8:
    """The contract that takes `shape` out of `size` elements, from element `start` on."""
    n = math.prod(shape)
    return ReshapeS8(shape) if n == size else CopyS8((Copy((n,), (1,), (1,), start),), shape)


def time_major(node: OnnxNode) -> tuple[int, int, int]:
    """Steps, batch and inputs of the first input."""
    first, second, inputs = node.input(X).shape
    return (second, first, inputs) if node.attribute("layout", 0) == 1 else (first, second, inputs)


def _direction(node: OnnxNode, position: int, k: int, build: Builder) -> Value:
    """Constant `position` of direction k; an absent bias is zeros."""
    if not node.has_input(position):
        return build.const(np.zeros((1, 2 * node.input(R).shape[1]), dtype=np.float32))
    return build.const(node.constant(position, "weights")[k : k + 1], node.input(position).name)


def _state(node: OnnxNode, position: int, k: int, hidden: int, build: Builder) -> Value:
    """The first state of direction k as [1, 1, hidden]; an absent one is zeros."""
    if not node.has_input(position):
        return build.const(np.zeros((1, 1, hidden), dtype=np.float32))
    value, shape = node.input(position), (node.input(position).size // hidden, 1, hidden)
    if value.data is not None:
        return build.const(value.data.reshape(shape)[k : k + 1].astype(np.float32), value.name)
    flat = build.value(Reshape(shape), [value])
    return flat if shape[0] == 1 else build.value(Slice((k, 0, 0), (1, 1, 1), (1, 1, hidden)), [flat])
