"""Scales that a quantized model brings along mean what they mean to ONNX Runtime, wherever they stand."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import ModelProto, NodeProto, TensorProto, helper

from edgewright.contracts import Contract
from edgewright.errors import UnsupportedError
from edgewright.frontend import import_model
from edgewright.ir import Graph
from edgewright.passes import LAYOUT, SIMPLIFY, run_passes
from edgewright.quantize import annotate, in_model_order, lower_graph, observe, quantized_inputs, run_float, run_integer
from tests.harness.shared_models import run_onnx
from tests.harness.small_models import f32, file_of, model, node, relative_errors, weights

SHAPE = (1, 3, 8, 8)
INPUTS = [np.random.default_rng(k).uniform(-1.9, 1.9, SHAPE).astype(np.float32) for k in range(8)]


ZERO = np.array(0, np.int8)
LOW = np.array(-128, np.int8)
#: Constants that the models below share: scales of the input, of what is between, and of the output.
CONSTANTS = {"sx": f32(1 / 64), "sm": f32(0.03), "so": f32(0.05), "z": ZERO, "low": LOW}


def quantized(*nodes: NodeProto, opset: int = 17, **constants: np.ndarray) -> ModelProto:
    """From x to y, with the constants above."""
    return model(nodes, {"x": SHAPE}, {**CONSTANTS, **constants}, opset=opset)


def integer_graph(proto: ModelProto, calibrate: bool) -> Graph[Contract]:
    graph = import_model(file_of(proto))
    run_passes(graph, SIMPLIFY)
    annotate(graph, observe(graph, [[x] for x in INPUTS]) if calibrate else None)
    run_passes(graph, LAYOUT)
    return lower_graph(graph)


def relative_error(proto: ModelProto, calibrate: bool = False) -> float:
    (error,) = relative_errors(integer_graph(proto, calibrate), proto, [[x] for x in INPUTS])
    return error


READ = (node("Q x,sx,z -> xq"), node("DQ xq,sx,z -> xd"))
WRITE = (node("Q r,so,z -> yq"), node("DQ yq,so,z -> y"))


def test_saturation_may_be_the_relu_of_a_partly_quantized_model() -> None:
    """The rest of the model is calibrated on what the scales let through."""
    proto = quantized(
        *READ, node("Conv xd,w -> c"), node("Q c,sm,low -> cq"), node("DQ cq,sm,low -> cd"),
        node("GlobalAveragePool cd -> p"), node("Flatten p -> f"), node("Gemm f,v -> y"),
        w=weights(8, 3, 3, 3), v=weights(8, 5),
    )  # fmt: skip
    assert relative_error(proto, calibrate=True) < 0.02


def test_a_float_run_rounds_and_saturates_where_the_model_does() -> None:
    proto = quantized(
        *READ, node("Conv xd,w -> r"), node("Q r,so,low -> yq"), node("DQ yq,so,low -> y"), w=weights(4, 3, 1, 1)
    )
    (got,) = run_float(import_model(file_of(proto)), [INPUTS[0]])
    np.testing.assert_allclose(got, run_onnx(proto, [INPUTS[0]])[0], atol=0.051)
    assert got.min() == 0.0


@pytest.mark.parametrize("between", ["MaxPool c -> p", "Identity c -> p"], ids=["through a pool", "directly"])
def test_readers_with_scales_of_their_own(between: str) -> None:
    """One reader has half the range of the other, at twice the resolution: neither may rule for both."""
    kernel = {"kernel_shape": [4, 4], "strides": [4, 4]} if "Pool" in between else {}
    stride = {"strides": [1, 1] if kernel else [4, 4]}
    proto = quantized(
        *READ, node("Conv xd,w -> c", pads=[1, 1, 1, 1]), node(between, **kernel),
        node("Q p,sp,low -> pq"), node("DQ pq,sp,low -> pd"), node("Q c,ss,z -> sq"), node("DQ sq,ss,z -> sd"),
        node("Conv pd,v -> e", **stride), node("Conv sd,v -> f", strides=[4, 4]),
        node("Q e,so,z -> eq"), node("DQ eq,so,z -> ed"), node("Q f,so,z -> fq"), node("DQ fq,so,z -> fd"),
        node("Add ed,fd -> r"), *WRITE,
        w=weights(4, 3, 3, 3), v=weights(6, 4, 1, 1), sp=f32(4 / 255), ss=f32(8 / 255),
    )  # fmt: skip
    assert relative_error(proto, calibrate=True) < 0.03


def test_a_value_takes_the_scale_that_all_its_readers_ask_for() -> None:
    """And no copy of it is left."""
    proto = quantized(
        *READ, node("Transpose xd -> t", perm=[0, 2, 3, 1]), node("Q t,sx,z -> tq"), node("DQ tq,sx,z -> td"),
        node("Conv td,w -> c"), node("MaxPool c -> p", kernel_shape=[2, 2]), node("Q p,so,z -> pq"),
        node("DQ pq,so,z -> y"), w=weights(4, 8, 1, 1),
    )  # fmt: skip
    graph = import_model(file_of(proto))
    assert [n.op.mnemonic for n in graph.nodes] == ["transpose", "conv", "max_pool"]
    conv, pool = graph.nodes[1].output, graph.outputs[0]
    assert conv.quant == pool.quant is not None


@pytest.mark.parametrize(("zero", "scale"), [(0, 1 / 32), (-20, 1 / 64), (30, 1 / 48)])
@pytest.mark.parametrize("form", ["DQ", "QLinearConv", "QLinearAdd"])
def test_codes_read_under_another_scale_than_they_were_written_with(form: str, zero: int, scale: float) -> None:
    wq = np.random.default_rng(9).integers(-90, 90, (4, 3, 1, 1)).astype(np.int8)
    middle = {
        "DQ": [node("DQ xq,s2,z2 -> r"), *WRITE],
        "QLinearConv": [node("QLinearConv xq,s2,z2,wq,ws,z,so,z -> yq"), node("DQ yq,so,z -> y")],
        "QLinearAdd": [node("QLinearAdd xq,s2,z2,xq,sx,z,so,z -> yq"), node("DQ yq,so,z -> y")],
    }[form]
    if form == "QLinearAdd":
        middle[0].domain = "com.microsoft"
    proto = quantized(READ[0], *middle, wq=wq, s2=f32(scale), z2=np.array(zero, np.int8), ws=f32(0.01), so=f32(0.1))
    if form == "QLinearAdd":
        proto.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    assert relative_error(proto) < 0.02


@pytest.mark.parametrize("scales", [f32(0.004), f32(0.004, 0.006, 0.003, 0.005)], ids=["per tensor", "per channel"])
@pytest.mark.parametrize("bounded", [False, True], ids=["", "bounded"])
def test_float_weights_that_the_model_quantizes_itself(scales: np.ndarray, bounded: bool) -> None:
    """Exports of quantization-aware training; what their scale clips stays clipped."""
    w = weights(4, 3, 3, 3)
    w[:, 0, 0, 0] = 3.0
    zeros = np.zeros(scales.shape, np.int8)
    clip = [node("Clip wq,least,most -> wc")] if bounded else []
    proto = quantized(
        *READ, node("Q w,ws,wz -> wq", axis=0), *clip, node(f"DQ {'wc' if clip else 'wq'},ws,wz -> wd", axis=0),
        node("Conv xd,wd -> r"), *WRITE,
        w=w, ws=scales, wz=zeros, least=np.array(-100, np.int8), most=np.array(100, np.int8),
    )  # fmt: skip
    assert relative_error(proto) < 0.01


@pytest.mark.parametrize("kind", [np.int8, np.uint8])
@pytest.mark.parametrize(
    "middle",
    [
        node("Pad q,pads -> p"),
        node("Pad q,pads,zero -> p"),
        node("Pad q,pads,one -> p"),
        node("Clip q,zero,one -> p"),
        node("Max q,zero -> p"),
        node("Min q,one,q -> p"),
    ],
    ids=["no fill", "zero point", "a code", "Clip", "Max", "Min"],
)
def test_operators_on_codes(middle: NodeProto, kind: type) -> None:
    """What they hold as constants are codes too; a fill that is not given is code 0, whatever that stands for."""
    zero: np.ndarray = np.array(17, kind)
    one: np.ndarray = np.array(60, kind)
    proto = quantized(
        node("Q x,s,zero -> q"), middle, node("DQ p,s,zero -> y"),
        s=f32(1 / 24), zero=zero, one=one, pads=np.array([0, 0, 1, 2, 0, 0, 1, 0], np.int64),
    )  # fmt: skip
    assert relative_error(proto) < 0.001


def test_the_largest_code_is_the_largest_value() -> None:
    proto = quantized(node("Q x,sx,z -> q"), node("ArgMax q -> y", axis=1))
    proto.graph.output[0].type.tensor_type.elem_type = TensorProto.INT64
    integer = integer_graph(proto, calibrate=False)
    for x in INPUTS:
        (got,) = run_integer(integer, quantized_inputs(integer, [x]))
        np.testing.assert_array_equal(in_model_order(got, integer.outputs[0].model_perm), run_onnx(proto, [x])[0])


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([node("Q x,sx -> q", output_dtype=TensorProto.INT16), node("DQ q,sx -> y")], "activation of type int16"),
        (
            [node("Q x,sx,z -> q"), node("Add q,q -> p"), node("DQ p,sx,z -> y")],
            "Add of integers; supported: operators",
        ),
    ],
)
def test_refused(nodes: list[NodeProto], message: str) -> None:
    with pytest.raises(UnsupportedError, match=message):
        import_model(file_of(quantized(*nodes, opset=21)))


def test_codes_from_outside_are_not_bounded_before_their_scale_is_known() -> None:
    proto = quantized(node("Relu x -> r"), node("DQ r,sx,z -> y"))
    proto.graph.input[0].type.tensor_type.elem_type = TensorProto.INT8
    with pytest.raises(UnsupportedError, match="before anything says their scale"):
        import_model(file_of(proto))
