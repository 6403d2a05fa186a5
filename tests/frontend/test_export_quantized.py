"""QDQ export: ONNX Runtime runs it like the integer graph, and importing it gives the same integer graph."""

from copy import deepcopy
from dataclasses import fields
from pathlib import Path

import numpy as np
import onnx
import pytest

from edgewright.contracts import Contract
from edgewright.frontend import export_onnx
from edgewright.ir import Graph, Quant, Value
from edgewright.ir.builder import Builder
from edgewright.numerics.weights import BIAS_LIMIT, channel_scales
from edgewright.ops import Op
from edgewright.ops.activation import Clamp
from edgewright.ops.dense import Dense
from edgewright.passes import run_passes
from edgewright.passes.absorb_ends import absorb_ends
from edgewright.passes.sink_layout import sink_layout
from edgewright.passes.to_nhwc import to_nhwc
from edgewright.quantize import annotate, lower_graph, observe, run_integer
from tests.harness.shared_models import float_graph, random_inputs, run_onnx, samples, shared_file

MODELS = {
    "mlperf_kws_dscnn": "data.npz",
    "mlperf_ic_resnet8": "data_lossless.npz",
    "mlperf_vww_mbv1": "data.npz",
    "mlperf_sww_1dcnn": "data.npz",
    "mlperf_ad_autoencoder": "data.npz",
}
#: ONNX Runtime rounds halves to even and adds in float, so that a few values of each layer are off by one.
STEPS = 2


def lowered(graph: Graph[Op]) -> Graph[Contract]:
    """The integer graph of a float graph with scales."""
    run_passes(graph, [to_nhwc, sink_layout, absorb_ends])
    return lower_graph(graph)


def first_difference(ours: Graph[Contract], theirs: Graph[Contract], ignored: str = "") -> str | None:
    """The first attribute but the ignored one in which two integer graphs differ, or None."""
    if [n.op.mnemonic for n in ours.nodes] != [n.op.mnemonic for n in theirs.nodes]:
        return f"operations {[n.op.mnemonic for n in ours.nodes]} and {[n.op.mnemonic for n in theirs.nodes]}"
    for a, b in zip(ours.nodes, theirs.nodes, strict=True):
        for field in fields(a.op):
            if field.name != ignored and not np.array_equal(getattr(a.op, field.name), getattr(b.op, field.name)):
                return f"{a.name}: {field.name}"
        if [v.quant for v in a.outputs] != [v.quant for v in b.outputs]:
            return f"{a.name}: scale of the output"
    return None


@pytest.mark.parametrize("folder", MODELS)
def test_quantized_model(folder: str, tmp_path: Path) -> None:
    data = samples(folder, MODELS[folder], 4)
    graph = float_graph(shared_file(folder, "model.onnx"))
    annotate(graph, observe(graph, data))
    model = export_onnx(graph, quantized=True)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, tmp_path / "qdq.onnx")
    integer = lowered(graph)

    again = float_graph(tmp_path / "qdq.onnx")
    annotate(again, None)
    assert [v.name for v in again.inputs + again.outputs] == [v.name for v in integer.inputs + integer.outputs]
    assert first_difference(integer, lowered(again)) is None

    x, y = integer.inputs[0], integer.outputs[0]
    assert x.quant is not None
    assert y.quant is not None
    for sample in data:
        (theirs,) = run_onnx(model, sample)
        fed = x.quant.quantize(sample[0])
        (ours,) = run_integer(integer, [fed if x.model_perm is None else fed.transpose(x.model_perm)])
        assert np.abs(y.quant.dequantize(ours) - theirs).max() <= STEPS * y.quant.scale


def dense(bias: float, shape: tuple[int, ...] = (1, 16)) -> Graph[Op]:
    rng = np.random.default_rng(3)
    graph = Graph[Op]("dense", [Value("x", shape)])
    build = Builder(graph, "y")
    w = build.const(rng.standard_normal((4, 16)).astype(np.float32) * np.float32(1e-4), "w")
    b = build.const(np.full(4, bias, dtype=np.float32) * rng.standard_normal(4).astype(np.float32), "b")
    graph.outputs = [build.value(Dense(Clamp(0.0)), [graph.inputs[0], w, b])]
    graph.nodes = build.nodes
    return graph


@pytest.mark.parametrize("shape", [(1, 16), (1, 3, 16)], ids=["matrix", "rows"])
@pytest.mark.parametrize("bias", [0.0, 1.0, 1e4])
def test_large_biases_survive(bias: float, shape: tuple[int, ...], tmp_path: Path) -> None:
    """A bias of many steps is rounded to float32 on the way and must still be the same integer."""
    graph = dense(bias, shape)
    annotate(graph, observe(graph, [random_inputs(graph)]))
    onnx.save(export_onnx(graph, quantized=True), tmp_path / "qdq.onnx")
    again = float_graph(tmp_path / "qdq.onnx")
    annotate(again, None)
    assert first_difference(lower_graph(deepcopy(graph)), lower_graph(again)) is None


def test_layer_without_scales_is_refused() -> None:
    with pytest.raises(ValueError, match="choose scales"):
        export_onnx(dense(1.0), quantized=True)


def test_integers_in_the_model() -> None:
    graph = dense(1.0)
    graph.inputs[0].quant, graph.outputs[0].quant = Quant(0.5, 3), Quant(0.25, -128)
    proto = export_onnx(graph, quantized=True).graph
    assert [n.op_type for n in proto.node] == [
        *("QuantizeLinear", "DequantizeLinear"),
        *("DequantizeLinear", "DequantizeLinear", "Gemm", "Relu"),
        *("QuantizeLinear", "DequantizeLinear"),
    ]
    tensors = {t.name: onnx.numpy_helper.to_array(t) for t in proto.initializer}
    assert {name: t.dtype.name for name, t in tensors.items() if "scale" not in name} == {
        "x/zero": "int8", "w/quantized": "int8", "b/quantized": "int32", "y/zero": "int8",
    }  # fmt: skip
    np.testing.assert_array_equal(
        tensors["b/scales"], (tensors["w/scales"].astype(np.float64) * 0.5).astype(np.float32)
    )


@pytest.mark.parametrize("bias", [0.0, 1e-3, 1e6])
@pytest.mark.parametrize("size", [0.0, 1e-42, 1e-30, 1.0])
def test_scales_are_exact_in_float32(size: float, bias: float) -> None:
    scales = channel_scales(np.full((2, 3), size), np.full(2, bias), 0.02)
    assert np.all(scales == scales.astype(np.float32))
    assert np.all((0.02 * scales).astype(np.float32) >= np.finfo(np.float32).tiny)
    assert np.all(np.rint(bias / (0.02 * scales)) <= BIAS_LIMIT)
