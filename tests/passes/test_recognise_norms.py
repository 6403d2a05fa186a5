"""Every spelling of layer and root-mean-square normalisation becomes one kernel."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import NodeProto

from edgewright.frontend import import_model
from edgewright.ops.layer_norm import LayerNorm
from edgewright.passes import LAYOUT, SIMPLIFY, run_passes
from edgewright.quantize import annotate, lower_graph, observe, run_float
from tests.harness.shared_models import run_onnx
from tests.harness.small_models import f32, file_of, model, node, relative_errors, weights

N = 24
CONSTANTS = {
    "two": f32(2), "ax": np.array([-1]), "eps": f32(1e-5), "mh": f32(-0.5), "h": f32(0.5), "one": f32(1), "n": f32(N),
    "root": f32(N**0.5), "g": weights(N) + 1, "b": weights(N), "bessel": f32(N / (N - 1)), "tiny": f32(1e-6),
}  # fmt: skip
SQUARE = [node("Pow d,two -> sq"), node("ReduceMean sq,ax -> m")]
PRODUCT = [node("Mul d,d -> sq"), node("ReduceMean sq,ax -> m")]
SUM = [node("Mul d,d -> sq"), node("ReduceSum sq,ax -> t"), node("Div t,n -> m")]
ADDED = node("Add m,eps -> me")
#: From the mean square m of d to y = d / sqrt(m + eps).
SPELLINGS: dict[str, list[NodeProto]] = {
    "Sqrt, Reciprocal, Mul": [*SQUARE, ADDED, node("Sqrt me -> s"), node("Reciprocal s -> r"), node("Mul d,r -> y0")],
    "Sqrt, Div": [*PRODUCT, ADDED, node("Sqrt me -> s"), node("Div d,s -> y0")],
    "Sqrt, 1 / x, Mul": [*PRODUCT, ADDED, node("Sqrt me -> s"), node("Div one,s -> r"), node("Mul r,d -> y0")],
    "Pow -0.5": [*SQUARE, ADDED, node("Pow me,mh -> r"), node("Mul d,r -> y0")],
    "Pow 0.5": [*SQUARE, ADDED, node("Pow me,h -> s"), node("Div d,s -> y0")],
    "Reciprocal, Sqrt": [*SQUARE, ADDED, node("Reciprocal me -> i"), node("Sqrt i -> r"), node("Mul d,r -> y0")],
    "a sum": [*SUM, ADDED, node("Sqrt me -> s"), node("Div d,s -> y0")],
    "a sum, without its size": [
        node("Mul d,d -> sq"), node("ReduceSum sq,ax -> t"), node("Add t,eps -> me"), node("Sqrt me -> s"),
        node("Div root,s -> r"), node("Mul d,r -> y0"),
    ],
    "Bessel's correction": [*SQUARE, node("Mul m,bessel -> mb"), node("Add mb,eps -> me"), node("Sqrt me -> s"),
                            node("Div d,s -> y0")],
    "added to the root": [*SQUARE, node("Sqrt m -> s"), node("Add s,tiny -> se"), node("Div d,se -> y0")],
}  # fmt: skip
CENTRE = [node("ReduceMean x,ax -> mean"), node("Sub x,mean -> d")]
AS_IT_IS = [node("Identity x -> d")]
AFFINE = [node("Mul g,y0 -> y1"), node("Add y1,b -> y")]
INPUTS = [[np.random.default_rng(k).standard_normal((2, 3, N)).astype(np.float32) * 2 + 0.5] for k in range(6)]


@pytest.mark.parametrize("start", [CENTRE, AS_IT_IS], ids=["layer norm", "root mean square"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_kernel(spelling: str, start: list[NodeProto]) -> None:
    proto = model([*start, *SPELLINGS[spelling], *AFFINE], {"x": (2, 3, N)}, CONSTANTS, opset=18)
    graph = import_model(file_of(proto))
    run_passes(graph, SIMPLIFY)
    assert sum(isinstance(n.op, LayerNorm) for n in graph.nodes) == 1
    assert {n.op.mnemonic for n in graph.nodes} <= {"layer_norm", "neg", "concat", "slice"}
    np.testing.assert_allclose(run_float(graph, INPUTS[0])[0], run_onnx(proto, INPUTS[0])[0], rtol=2e-3, atol=1e-4)
    annotate(graph, observe(graph, INPUTS))
    run_passes(graph, LAYOUT)
    assert relative_errors(lower_graph(graph), proto, INPUTS)[0] < 0.03


def test_other_functions_of_the_mean_square_stay_as_they_are() -> None:
    for function in ("Sigmoid", "Exp", "Sqrt"):
        nodes = [*AS_IT_IS, *SQUARE, node(f"{function} m -> r"), node("Mul d,r -> y")]
        graph = import_model(file_of(model(nodes, {"x": (2, 3, N)}, CONSTANTS, opset=18)))
        run_passes(graph, SIMPLIFY)
        assert not any(isinstance(n.op, LayerNorm) for n in graph.nodes)
