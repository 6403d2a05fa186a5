"""Cases of LSTM and GRU: directions, states that come in and go out, layouts."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import helper

from tests.harness.op_cases import SAMPLES, Draw, OpCase, nodes_case

N = SAMPLES
STEPS, INPUTS, HIDDEN = 7, 5, 6


def table() -> list[OpCase]:
    return [*lstm_cases(Draw()), *gru_cases(Draw())]


def recurrent(
    operator: str, why: str, d: Draw, outputs: tuple[str, ...], *, directions: int = 1, states: int = 0,
    steps: int = STEPS, bias: bool = True, constant_h: bool = False, **attributes: Any,
) -> OpCase:  # fmt: skip
    """states: how many states are inputs of the model."""
    rows = {"LSTM": 4, "GRU": 3}[operator] * HIDDEN
    constants = {
        "w": d.normal(directions, rows, INPUTS, scale=0.5), "r": d.normal(directions, rows, HIDDEN, scale=0.5),
        **({"b": d.normal(directions, 2 * rows, scale=0.3)} if bias else {}),
        **({"h": d.normal(directions, 1, HIDDEN, scale=0.3)} if constant_h else {}),
    }  # fmt: skip
    batch_first = attributes.get("layout", 0) == 1
    x = d.normal(N, *((1, steps) if batch_first else (steps, 1)), INPUTS)
    inputs = [x, *(np.tanh(d.normal(N, directions, 1, HIDDEN)) for _ in range(states))]
    feeds = ["x0", "w", "r", "b" if bias else "", "", *(["h"] if constant_h else []), "x1", "x2"]
    names = feeds[: 5 + states + constant_h]
    node = helper.make_node(operator, names, list(outputs), hidden_size=HIDDEN, **attributes)
    used = [name for name in outputs if name]
    return nodes_case(
        operator, why, [node], inputs, constants, outputs=used, opset=14, steps=3,
        because="each step feeds on rounded outputs, and weights are rounded, not drawn from the grid",
    )  # fmt: skip


def lstm_cases(d: Draw) -> list[OpCase]:
    return [
        recurrent("LSTM", "a sequence", d, ("y",)),
        recurrent("LSTM", "the last step only, without bias", d, ("", "h_n"), bias=False),
        recurrent("LSTM", "states in and out, one step", d, ("y", "h_n", "c_n"), states=2, steps=1),
        recurrent("LSTM", "states in and out, a sequence", d, ("y", "h_n", "c_n"), states=2),
        recurrent("LSTM", "backwards", d, ("y", "h_n"), direction="reverse"),
        recurrent("LSTM", "both directions", d, ("y", "h_n", "c_n"), directions=2, direction="bidirectional"),
        recurrent("LSTM", "a constant state", d, ("y",), constant_h=True),
    ]


def gru_cases(d: Draw) -> list[OpCase]:
    return [
        recurrent("GRU", "a sequence, reset before", d, ("y",)),
        recurrent("GRU", "a sequence, reset after", d, ("y",), linear_before_reset=1),
        recurrent("GRU", "a state in and out, one step", d, ("y", "h_n"), states=1, steps=1, linear_before_reset=1),
        recurrent("GRU", "both directions", d, ("y", "h_n"), directions=2, direction="bidirectional"),
        recurrent("GRU", "backwards without bias", d, ("", "h_n"), bias=False, direction="reverse"),
    ]
