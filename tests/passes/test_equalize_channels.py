"""Channels of very unequal weights share one scale: they are made alike where the product stays the same."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import NodeProto

from edgewright.frontend import import_model
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.passes import LAYOUT, SIMPLIFY, run_passes
from edgewright.passes.equalize_channels import equalize_channels
from edgewright.quantize import annotate, lower_graph, observe, run_float
from tests.harness.small_models import f32, file_of, model, node, relative_errors, weights

SHAPE = (1, 3, 8, 8)
INPUTS = [[np.random.default_rng(k).standard_normal(SHAPE).astype(np.float32)] for k in range(6)]
#: Channel 1 counts 3,000 times as much as the others, and is read with weights as much smaller.
UNEQUAL = np.array([1, 3000, 1, 1], np.float32)
CONSTANTS: dict[str, np.ndarray] = {
    "w": weights(4, 3, 3, 3) * UNEQUAL[:, None, None, None], "b": weights(4) * UNEQUAL,
    "v": weights(5, 4, 1, 1) / UNEQUAL[None, :, None, None], "d": weights(4, 1, 3, 3) / UNEQUAL[:, None, None, None],
    "m": weights(4, 64 * 3).T * UNEQUAL, "n": (weights(6, 4) / UNEQUAL).T.copy(), "six": f32(6), "zero": f32(0),
}  # fmt: skip


def simplified(*nodes: NodeProto) -> tuple[Graph[Op], Graph[Op]]:
    """The same model twice, the second one equalized."""
    graphs = [import_model(file_of(model(nodes, {"x": SHAPE}, CONSTANTS))) for _ in range(2)]
    for graph in graphs:
        run_passes(graph, SIMPLIFY)
    equalize_channels(graphs[1])
    return graphs[0], graphs[1]


FIRST = node("Conv x,w,b -> c")


@pytest.mark.parametrize(
    "nodes",
    [
        [FIRST, node("Relu c -> r"), node("Conv r,v -> y")],
        [FIRST, node("Conv c,v -> y")],
        [FIRST, node("Relu c -> r"), node("Conv r,d -> y", group=4)],
        [node("Flatten x -> f"), node("Gemm f,m -> c"), node("Relu c -> r"), node("MatMul r,n -> y")],
    ],
    ids=["Relu between", "nothing between", "depthwise", "fully connected"],
)
def test_the_product_stays_and_int8_holds_it(nodes: list[NodeProto]) -> None:
    before, after = simplified(*nodes)
    np.testing.assert_allclose(run_float(after, INPUTS[0])[0], run_float(before, INPUTS[0])[0], rtol=1e-4, atol=1e-4)
    errors = []
    for graph in (before, after):
        annotate(graph, observe(graph, INPUTS))
        run_passes(graph, LAYOUT)
        errors += relative_errors(lower_graph(graph), model(nodes, {"x": SHAPE}, CONSTANTS), INPUTS)
    assert errors[0] > 0.3
    assert errors[1] < 0.03


@pytest.mark.parametrize(
    "nodes",
    [
        [FIRST, node("Clip c,zero,six -> r"), node("Conv r,v -> y")],
        [FIRST, node("Sigmoid c -> r"), node("Conv r,v -> y")],
        [FIRST, node("Conv c,v -> a"), node("GlobalAveragePool c -> p"), node("Conv p,v -> q"), node("Add a,q -> y")],
    ],
    ids=["a bound above", "another function", "two readers"],
)
def test_where_a_factor_does_not_pass_nothing_changes(nodes: list[NodeProto]) -> None:
    before, after = simplified(*nodes)
    for old, new in zip(before.values(), after.values(), strict=True):
        np.testing.assert_array_equal(new.data, old.data)


def test_weights_that_are_alike_stay_as_they_are() -> None:
    nodes = [node("Conv x,u -> c"), node("Conv c,t -> y")]
    proto = model(nodes, {"x": SHAPE}, {"u": weights(4, 3, 3, 3), "t": weights(5, 4, 1, 1)})
    assert equalize_channels(import_model(file_of(proto))) == 0
