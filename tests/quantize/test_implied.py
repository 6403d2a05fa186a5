"""Scales that a quantized model leaves to be inferred, where data would tell no more."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import NodeProto

from edgewright.errors import UsageError
from edgewright.frontend import import_model
from edgewright.ir import Quant
from edgewright.passes import LAYOUT, SIMPLIFY, run_passes
from edgewright.quantize import annotate, lower_graph
from edgewright.quantize.implied import covering
from tests.harness.small_models import f32, file_of, model, node, relative_errors, weights

SHAPE = (1, 3, 8, 8)
INPUTS = [[np.random.default_rng(k).uniform(-1.9, 1.9, SHAPE).astype(np.float32)] for k in range(6)]
CONSTANTS = {
    "sx": f32(1 / 64), "so": f32(0.05), "z": np.array(0, np.int8), "low": np.array(-128, np.int8),
    "g": f32(1.0, 0.4, 2.0), "b": f32(0.1, -0.5, 0.2), "w": weights(4, 3, 3, 3), "w1": weights(4, 3, 1, 1),
    "w3": weights(3, 3, 1, 1),
    "sp": f32(4 / 255), "ss": f32(8 / 255), "pads": np.array([0, 0, 1, 1, 0, 0, 1, 1]), "half": f32(0.5),
    "large": 100 * weights(4, 3, 3, 3),
}  # fmt: skip
READ = (node("Q x,sx,z -> xq"), node("DQ xq,sx,z -> xd"))
WRITE = (node("Q r,so,z -> yq"), node("DQ yq,so,z -> y"))


def error(*nodes: NodeProto) -> float:
    """Without calibration data, against ONNX Runtime."""
    proto = model([*READ, *nodes, *WRITE], {"x": SHAPE}, CONSTANTS)
    graph = import_model(file_of(proto))
    run_passes(graph, SIMPLIFY)
    annotate(graph, None)
    run_passes(graph, LAYOUT)
    return relative_errors(lower_graph(graph), proto, INPUTS)[0]


@pytest.mark.parametrize(
    "nodes",
    [
        [node("InstanceNormalization xd,g,b -> r")],
        [node("ReduceL2 xd -> r", axes=[1])],
        [node("ReduceL1 xd -> r", axes=[1])],
        [node("Conv xd,w1 -> c"), node("AveragePool c -> r", kernel_shape=[2, 2])],
        [node("Conv xd,w -> c"), node("Pad c,pads -> r")],
        [node("Softplus xd -> p"), node("Mul p,half -> m"), node("Add m,xd -> r")],
    ],
    ids=["normalization", "root of squares", "sum", "average", "padding", "functions"],
)
def test_values_inside_what_the_model_annotated(nodes: list[NodeProto]) -> None:
    assert error(*nodes) < 0.05


def test_readers_with_different_scales_get_one_that_serves_both() -> None:
    nodes = [
        node("Conv xd,w1 -> c"), node("Q c,sp,low -> pq"), node("DQ pq,sp,low -> pd"),
        node("Q c,ss,z -> sq"), node("DQ sq,ss,z -> sd"), node("Add pd,sd -> r"),
    ]  # fmt: skip
    assert error(*nodes) < 0.02


@pytest.mark.parametrize("nodes", [
    [node("Conv xd,large -> c"), node("GlobalAveragePool c -> r")],
    [node("Conv xd,w3 -> e"), node("Mul xd,xd -> m"), node("Div m,e -> r")],
])  # fmt: skip
def test_what_only_data_can_tell_is_asked_for(nodes: list[NodeProto]) -> None:
    with pytest.raises(UsageError, match=r"no scale of the model's own, and none follows from the others .*--calib"):
        error(*nodes)


def test_a_scale_that_covers_all_is_taken_as_it_is() -> None:
    narrow, wide = Quant(4 / 255, -128), Quant(8 / 255, 0)
    assert covering([(0.0, 4.0), (-4.0, 4.0)], [narrow, wide]) == wide
    assert covering([(0.0, 4.0)], [narrow]) == narrow
    assert covering([(0.0, 5.0), (-1.0, 1.0)], [narrow]).scale == pytest.approx(6 / 255)
