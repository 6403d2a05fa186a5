"""Values without axes and images of one channel go through all passes and keep their meaning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import NodeProto

from edgewright import api
from edgewright.errors import UnsupportedError
from edgewright.frontend import export_onnx, import_model
from edgewright.ir import Graph
from edgewright.ir.text import parse_graph
from edgewright.ops import Op
from edgewright.passes import SIMPLIFY, run_passes
from edgewright.quantize import run_float
from tests.harness.graph_strategies import op_records
from tests.harness.shared_models import run_onnx
from tests.harness.small_models import f32, file_of, model, node, weights

ONE = {"g": weights(1), "b": weights(1) + 1, "m": weights(1), "v": np.abs(weights(1)), "w": weights(4, 1, 3, 3),
       "t": weights(1, 4, 3, 3), "a": np.array([0]), "s": np.array([1, 1]), "i": np.array(2),
       "none": np.zeros(0, np.int64)}  # fmt: skip
NORM = node("BatchNormalization x,g,b,m,v -> n")
Shapes = dict[str, tuple[int, ...]]
GREY: Shapes = {"x": (1, 1, 6, 6)}
SCALAR: Shapes = {"x": ()}
MODELS: dict[str, tuple[list[NodeProto], Shapes]] = {
    "grey image": ([NORM, node("Conv n,w -> y")], GREY),
    "grey image, clamped": ([NORM, node("Relu n -> r"), node("Conv r,w -> y")], GREY),
    "grey image, transposed": ([NORM, node("ConvTranspose n,t -> y")], GREY),
    "function": ([node("Exp x -> e"), node("Mul e,x -> y")], SCALAR),
    "two scalars": ([node("Add x,z -> y")], {"x": (), "z": ()}),
    "scalar and row": ([node("Max x,z -> y")], {"x": (), "z": (1, 4)}),
    "scalar inside": ([node("Squeeze x -> s0"), node("Tanh s0 -> t0"), node("Reshape t0,s -> y")], {"x": (1, 1)}),
    "joined scalars": ([node("Unsqueeze x,a -> u"), node("Concat u,u -> y", axis=0)], SCALAR),
    "picked": ([node("Gather x,i -> p", axis=0), node("Relu p -> y")], {"x": (4,)}),
    "mean of all": ([node("ReduceMean x -> r", keepdims=0), node("Mul x,r -> y")], {"x": (1, 3, 4)}),
    "no mean": ([node("ReduceMean x,none -> r", noop_with_empty_axes=1), node("Relu r -> y")], {"x": (1, 3, 4)}),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_float(name: str) -> None:
    """The simplified graph, and its export, against ONNX Runtime."""
    nodes, inputs = MODELS[name]
    proto = model(nodes, inputs, ONE, opset=18)
    sample = [
        np.random.default_rng(k).standard_normal(shape).astype(np.float32) for k, shape in enumerate(inputs.values())
    ]
    sample = [np.asarray(x, dtype=np.float32) for x in sample]
    graph = import_model(file_of(proto))
    run_passes(graph, SIMPLIFY)
    (wanted,) = run_onnx(proto, sample)
    np.testing.assert_allclose(run_float(graph, sample)[0], wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(run_onnx(export_onnx(graph), sample)[0], wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_compiled(name: str, tmp_path: Path) -> None:
    """And what is written can be opened and compared again."""
    nodes, inputs = MODELS[name]
    onnx.save(model(nodes, inputs, ONE, opset=18), tmp_path / "m.onnx")
    api.compile(tmp_path / "m.onnx", "x86-64", "random", tmp_path / "out", method="minmax")
    assert api.validate(tmp_path / "out", "random", [], limit=4).reference.cosine > 0.99


def test_a_constant_without_axes_may_be_an_output(tmp_path: Path) -> None:
    onnx.save(model([node("Relu x -> y")], {"x": (1, 5)}, {"c": f32(3)}, ["y", "c"]), tmp_path / "m.onnx")
    api.compile(tmp_path / "m.onnx", "x86-64", "random", tmp_path / "out", method="minmax")
    assert api.validate(tmp_path / "out", "random", []).reference.cosine > 0.999


def test_what_a_pass_does_not_expect_is_one_line() -> None:
    def stumbling_pass(graph: Graph[Op]) -> int:
        raise IndexError("list index out of range")

    graph = parse_graph("graph 'odd' {\n input %x:f32[1]\n output %x\n}", op_records())
    with pytest.raises(UnsupportedError, match="odd: pass stumbling_pass: IndexError: list index out of range"):
        run_passes(graph, [stumbling_pass])
