"""Valid models that exporters write in ways that are easy to refuse: each runs as ONNX Runtime runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from onnx import ModelProto, NodeProto, TensorProto, helper

from edgewright.errors import UnsupportedError
from edgewright.frontend import import_model
from edgewright.frontend.order import nodes_in_order
from edgewright.passes import LAYOUT, SIMPLIFY, run_passes
from edgewright.quantize import annotate, lower_graph, observe, run_float
from tests.harness.shared_models import run_onnx
from tests.harness.small_models import f32, file_of, model, node, relative_errors, weights

CONSTANTS = {
    "w": weights(4, 3, 3, 3), "g": weights(4), "v": np.abs(weights(4)), "zeros": np.zeros((1, 3, 6, 6), np.float32),
    "k": np.array([2]), "c": f32(0.7), "m": weights(5, 6).T.copy(), "one": np.array(1), "ax": np.array([1]),
    "yes": np.array(True), "no": np.array(False),
}  # fmt: skip
IMAGE, ROW = {"x": (1, 3, 6, 6)}, {"x": (1, 6)}


def sample_of(shape: Sequence[int]) -> np.ndarray:
    return np.random.default_rng(3).standard_normal(shape).astype(np.float32)


def branch(name: str, *nodes: NodeProto, output: str) -> object:
    """A graph without inputs, for an attribute of If."""
    return helper.make_graph(nodes, name, [], [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)])


SQUEEZE = node(
    "If t -> q",
    then_branch=branch("a", node("Squeeze x,ax -> s"), output="s"),
    else_branch=branch("b", node("ReduceMax x -> s"), output="s"),
)
MODELS: dict[str, tuple[list[NodeProto], Mapping[str, Sequence[int]]]] = {
    "nodes in any order": ([node("Add a,b -> y"), node("Relu a -> b"), node("Conv x,w -> a")], IMAGE),
    "a dead branch": ([node("Relu x -> y"), node("TopK x,k -> u,i")], ROW),
    "C of Gemm is a number": ([node("Gemm x,m,c -> y", alpha=0.5, beta=2.0)], ROW),
    "a constant of zeros": ([node("Tanh x -> t"), node("Add t,zeros -> y")], IMAGE),
    "a branch by the shape": (
        [node("Shape x -> s0"), node("Gather s0,one -> d"), node("Equal d,one -> t"), SQUEEZE, node("MatMul q,m -> y")],
        {"x": (2, 1, 6)},
    ),
    "a branch inside a branch": (
        [
            node(
                "If no -> p",
                then_branch=branch("a", node("Relu x -> s"), output="s"),
                else_branch=branch(
                    "b",
                    node(
                        "If yes -> s",
                        then_branch=branch("c", node("Tanh x -> u"), node("Neg u -> s"), output="s"),
                        else_branch=branch("d", node("Exp x -> s"), output="s"),
                    ),
                    output="s",
                ),
            ),
            node("Add p,x -> y"),
        ],
        ROW,
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_float_and_integer(name: str) -> None:
    nodes, inputs = MODELS[name]
    proto = model(nodes, inputs, CONSTANTS)
    graph = import_model(file_of(proto))
    run_passes(graph, SIMPLIFY)
    samples = [[sample_of(shape)] for shape in inputs.values()]
    np.testing.assert_allclose(run_float(graph, samples[0])[0], run_onnx(proto, samples[0])[0], rtol=1e-5, atol=1e-5)
    annotate(graph, observe(graph, samples))
    run_passes(graph, LAYOUT)
    assert relative_errors(lower_graph(graph), proto, samples)[0] < 0.03


def reasons(proto: ModelProto) -> list[str]:
    with pytest.raises(UnsupportedError) as caught:
        import_model(file_of(proto))
    return caught.value.reasons


def test_statistics_as_outputs_are_training_before_opset_14() -> None:
    norm = node("BatchNormalization x,g,g,g,v -> y,a,b,c,d")
    (reason,) = reasons(model([norm], {"x": (1, 4, 3, 3)}, CONSTANTS, opset=9))
    assert "the statistics as outputs; supported: inference" in reason


def test_a_condition_that_the_data_decide_is_refused_for_that() -> None:
    nodes = [node("ReduceMax x -> r", keepdims=0), node("Greater r,c -> t"), SQUEEZE, node("MatMul q,m -> y")]
    assert reasons(model(nodes, {"x": (2, 1, 6)}, CONSTANTS)) == [
        "'q' (If, opset 17): the condition is computed at run time; supported: a constant one"
    ]


def test_consequences_are_no_reasons() -> None:
    """Range and NonZero would be constants, had TopK been known; Det reads data in any case."""
    nodes = [
        node("TopK x,k -> u,i"), node("Shape u -> n"), node("Gather n,one -> d"), node("Range one,d,one -> r"),
        node("NonZero r -> z"), node("Det u -> e"), node("Add e,z -> y"),
    ]  # fmt: skip
    found = reasons(model(nodes, {"x": (3, 6)}, CONSTANTS))
    assert [reason.split(":")[0] for reason in found] == ["'u' (TopK, opset 17)", "'e' (Det, opset 17)"]


def test_reasons_are_grouped() -> None:
    nodes = [*(node(f"Det x -> d{k}") for k in range(5)), node("TopK x,k -> t,i"), node("TopK x,k -> u,j")]
    added = [node("Sum d0,d1,d2,d3,d4,t,u -> y")]
    assert reasons(model([*nodes, *added], {"x": (3, 6)}, CONSTANTS)) == [
        "'d0', 'd1' and 3 more (Det, opset 17): operator is not supported",
        "'t', 'u' (TopK, opset 17): operator is not supported",
    ]


def test_a_cycle_has_no_order_and_is_refused() -> None:
    proto = model([node("Relu b -> a"), node("Tanh a -> b"), node("Add x,b -> y")], ROW, {})
    assert [n.op_type for n in nodes_in_order(proto.graph)] == ["Relu", "Tanh", "Add"]
    assert "reads 'b', which stands in a cycle or behind one" in reasons(proto)[0]


@pytest.mark.parametrize("kind", ["uint8", "int8", "int16", "int32"])
def test_numbers_from_a_sensor(kind: str) -> None:
    """Cast to float, and normalized inside the model."""
    nodes = [
        node("Cast x -> f", to=TensorProto.FLOAT),
        node("Div f,s -> n"),
        node("Sub n,mean -> d"),
        node("Conv d,w -> y"),
    ]
    proto = model(nodes, IMAGE, {**CONSTANTS, "s": f32(100), "mean": np.array([[[0.4]], [[0.5]], [[0.3]]], np.float32)})
    proto.graph.input[0].type.tensor_type.elem_type = getattr(TensorProto, kind.upper())
    ends = {"uint8": (0, 256), "int8": (-128, 128), "int16": (-1000, 1000), "int32": (-1000, 1000)}[kind]
    rng = np.random.default_rng(5)
    raw = [rng.integers(*ends, (1, 3, 6, 6)).astype(kind) for _ in range(4)]
    graph = import_model(file_of(proto))
    run_passes(graph, SIMPLIFY)
    reals = [[x.astype(np.float32)] for x in raw]
    np.testing.assert_allclose(run_float(graph, reals[0])[0], run_onnx(proto, [raw[0]])[0], rtol=1e-3, atol=0.05)
    annotate(graph, observe(graph, reals))
    if "8" in kind:
        assert graph.inputs[0].quant is not None
        assert graph.inputs[0].quant.scale == 1.0
    run_passes(graph, LAYOUT)


def test_other_integers_are_taken_only_where_they_become_floats() -> None:
    proto = model([node("Relu x -> y")], ROW, {})
    proto.graph.input[0].type.tensor_type.elem_type = TensorProto.INT32
    assert "INT32; supported: float, int8 and uint8, and other integers that are only cast" in reasons(proto)[0]


def test_a_model_without_the_default_domain() -> None:
    proto = model([helper.make_node("Gelu", ["x"], ["y"], domain="com.microsoft")], ROW, {})
    del proto.opset_import[:]
    proto.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    assert file_of(proto).opset >= 20
    (x,) = (sample_of(shape) for shape in ROW.values())
    np.testing.assert_allclose(run_float(import_model(file_of(proto)), [x])[0], run_onnx(proto, [x])[0], atol=1e-5)
