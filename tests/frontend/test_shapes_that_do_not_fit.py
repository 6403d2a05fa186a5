"""Shapes that contradict each other are refused at import, with both of them, and never trip what comes later."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from onnx import NodeProto

from edgewright.errors import UnsupportedError
from edgewright.frontend import import_model
from tests.harness.small_models import file_of, model, node, weights

GATES = {"LSTM": 4, "GRU": 3}
STEPS, INPUTS, HIDDEN = 6, 4, 5


def recurrent(operator: str, changed: str, shape: tuple[int, ...], **attributes: object) -> None:
    """Import a layer one constant of which (or x) has another shape."""
    rows = GATES[operator] * HIDDEN
    shapes = {"x": (STEPS, 1, INPUTS), "W": (1, rows, INPUTS), "R": (1, rows, HIDDEN), "B": (1, 2 * rows),
              "h": (1, 1, HIDDEN), changed: shape}  # fmt: skip
    constants = {name: weights(*size) for name, size in shapes.items() if name != "x"}
    layer = node(f"{operator} x,W,R,B,,h -> ,y", **{"hidden_size": HIDDEN, **attributes})
    import_model(file_of(model([layer], {"x": shapes["x"]}, constants)))


@pytest.mark.parametrize("operator", GATES)
def test_a_recurrent_layer(operator: str) -> None:
    rows = GATES[operator] * HIDDEN
    recurrent(operator, "W", (1, rows, INPUTS))
    for changed, shape in (
        ("x", (STEPS, INPUTS)), ("W", (rows, INPUTS)), ("W", (1, rows + 1, INPUTS)), ("W", (1, rows, INPUTS - 1)),
        ("W", (2, rows, INPUTS)), ("R", (rows, HIDDEN)), ("R", (1, rows, HIDDEN + 1)), ("B", (2 * rows,)),
        ("B", (1, rows)), ("h", (1, 1, HIDDEN - 1)), ("h", (2, 1, HIDDEN)),
    ):  # fmt: skip
        with pytest.raises(UnsupportedError, match="supported: an input of rank 3, and weights") as caught:
            recurrent(operator, changed, shape)
        assert str(list(shape)) in str(caught.value) or str(np.prod(shape)) in str(caught.value)
    with pytest.raises(UnsupportedError, match="instead of"):
        recurrent(operator, "W", (1, rows, INPUTS), hidden_size=HIDDEN + 2)
    with pytest.raises(UnsupportedError, match="direction sideways"):
        recurrent(operator, "W", (1, rows, INPUTS), direction="sideways")


IMAGE = {"x": (1, 2, 6, 6)}


@pytest.mark.parametrize("bias", [weights(3), weights(1, 4, 1, 1), np.float32(1)], ids=["length", "rank", "scalar"])
@pytest.mark.parametrize("layer", ["Conv", "ConvTranspose"])
def test_the_bias_of_a_layer(layer: str, bias: np.ndarray) -> None:
    shape = (4, 2, 3, 3) if layer == "Conv" else (2, 4, 3, 3)
    with pytest.raises(UnsupportedError, match=r"bias \[.*\] for 4 output channels"):
        import_model(file_of(model([node(f"{layer} x,w,b -> y")], IMAGE, {"w": weights(*shape), "b": bias})))


@pytest.mark.parametrize(
    ("nodes", "constants", "message"),
    [
        ([node("Softmax x,x -> y")], {}, "2 inputs; the operator has at most 1"),
        ([node("Relu x,c -> y")], {"c": weights(3)}, "2 inputs; the operator has at most 1"),
        ([node("Add x,x,x -> y")], {}, "3 inputs; the operator has at most 2"),
        ([node("Relu x -> y,z")], {}, "2 outputs; the operator has at most 1"),
    ],
)
def test_more_than_an_operator_has(nodes: list[NodeProto], constants: Mapping[str, np.ndarray], message: str) -> None:
    with pytest.raises(UnsupportedError, match=message):
        import_model(file_of(model(nodes, IMAGE, constants)))
