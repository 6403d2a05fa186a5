"""Passes on random graphs: the outputs stay, and a second run finds nothing to do."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings

from edgewright.ir import Graph, Node, Value
from edgewright.ops import Op
from edgewright.ops.activation import Clamp
from edgewright.ops.clip import Clip
from edgewright.passes import LAYOUT, run_passes
from edgewright.passes.absorb_ends import absorb_ends
from edgewright.passes.affine_to_depthwise import affine_to_depthwise
from edgewright.passes.base import Pass
from edgewright.passes.fold_affine import fold_affine
from edgewright.passes.fuse_clamp import fuse_clamp
from edgewright.passes.fuse_unary import fuse_unary
from edgewright.passes.sink_layout import sink_layout
from edgewright.passes.to_nhwc import to_nhwc
from edgewright.quantize import in_model_order, run_float
from tests.harness.graph_strategies import FOLDING, float_graphs, inputs_of

PIPELINES: dict[str, list[Pass]] = {
    "fold_affine": [fold_affine],
    "affine_to_depthwise": [affine_to_depthwise],
    "fuse_clamp": [fuse_clamp],
    "fuse_unary": [fuse_unary],
    "to_nhwc": [to_nhwc],
    "sink_layout": [sink_layout],
    "absorb_ends": [absorb_ends],
    "to_nhwc, sink_layout": [to_nhwc, sink_layout],
    "folding": list(FOLDING),
    "folding, layout": [*FOLDING, *LAYOUT],
}
#: The passes that leave nothing of what they look for.
FINAL = ["fold_affine", "fuse_clamp", "sink_layout"]


def results(graph: Graph[Op], model_inputs: list[np.ndarray]) -> list[np.ndarray]:
    """Outputs for inputs, both in the model's axis order."""
    inputs = [
        data if value.model_perm is None else data.transpose(value.model_perm)
        for value, data in zip(graph.inputs, model_inputs, strict=True)
    ]
    return [in_model_order(y, v.model_perm) for v, y in zip(graph.outputs, run_float(graph, inputs), strict=True)]


@pytest.mark.parametrize("name", PIPELINES)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(float_graphs())
def test_outputs_stay(name: str, graph: Graph[Op]) -> None:
    inputs = inputs_of(graph)
    wanted, names = results(graph, inputs), [v.name for v in (*graph.inputs, *graph.outputs)]
    run_passes(graph, PIPELINES[name])
    assert [v.name for v in (*graph.inputs, *graph.outputs)] == names
    for got, want in zip(results(graph, inputs), wanted, strict=True):
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4 * max(1.0, float(np.abs(want).max())))


@pytest.mark.parametrize("name", FINAL)
@settings(max_examples=30, deadline=None, derandomize=True)
@given(float_graphs())
def test_a_second_run_changes_nothing(name: str, graph: Graph[Op]) -> None:
    run_passes(graph, PIPELINES[name])
    before = copy.deepcopy(graph)
    assert sum(run_passes(graph, PIPELINES[name]).values()) == 0
    assert [repr(node) for node in graph.nodes] == [repr(node) for node in before.nodes]


def test_changes_are_counted_by_name() -> None:
    x = Value("x", (1,))
    y = Value("y", (1,))
    graph = Graph[Op]("g", [x], [y], [Node(Clip(Clamp(0.0)), [x], [y], "relu")])

    def once(graph: Graph[Op]) -> int:
        return 1

    def never(graph: Graph[Op]) -> int:
        return 0

    assert run_passes(graph, [once, never, once]) == {"once": 2, "never": 0}


def test_an_invalid_graph_names_the_pass_that_left_it() -> None:
    x = Value("x", (1,))
    graph = Graph[Op]("g", [x], [x])

    def forgetful(graph: Graph[Op]) -> int:
        graph.outputs = [Value("y", (1,))]
        return 1

    with pytest.raises(ValueError, match="pass forgetful: g: output 'y' is never defined"):
        run_passes(graph, [forgetful])
