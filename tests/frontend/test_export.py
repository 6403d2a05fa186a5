"""Float graph -> ONNX -> the same: by ONNX Runtime, and by importing it again."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from edgewright.frontend import export_onnx, import_model, load_model
from edgewright.ir import Graph, Value
from edgewright.ir.builder import Builder
from edgewright.ops.activation import Clamp
from edgewright.ops.add import Add
from edgewright.ops.base import Op
from edgewright.ops.clip import Clip
from edgewright.ops.conv import Conv
from edgewright.ops.dense import Dense
from edgewright.ops.mul import Mul
from edgewright.ops.reduce import Reduce
from edgewright.ops.softmax import Softmax
from edgewright.ops.unary import Unary
from edgewright.ops.window import Window
from edgewright.passes import run_passes
from edgewright.passes.fuse_unary import fuse_unary
from edgewright.passes.to_nhwc import to_nhwc
from edgewright.quantize import run_float
from tests.harness.shared_models import float_graph, random_inputs, run_onnx, shared_file

MODELS = [
    "mlperf_kws_dscnn",
    "mlperf_ic_resnet8",
    "mlperf_vww_mbv1",
    "mlperf_sww_1dcnn",
    "mlperf_ad_autoencoder",
    "zoo_mnist8",
    "espdl_mnist_mlp",
]


def graph_of(op: Op, *shapes: tuple[int, ...] | np.ndarray) -> Graph[Op]:
    """A graph of one node; an array instead of a shape is a constant."""
    graph = Graph[Op]("one")
    build = Builder(graph, "y", {f"in{i}" for i in range(len(shapes))})
    operands = []
    for i, shape in enumerate(shapes):
        if isinstance(shape, np.ndarray):
            operands.append(Value(f"in{i}", shape.shape, data=shape))
        else:
            operands.append(Value(f"in{i}", shape))
            graph.inputs.append(operands[-1])
    graph.outputs = build.node(op, operands)
    graph.nodes = build.nodes
    return graph


def weights(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).standard_normal(shape).astype(np.float32)


def assert_same_outputs(graph: Graph[Op], tolerance: float = 1e-4) -> onnx.ModelProto:
    """ONNX Runtime computes from the exported model what the graph computes."""
    model = export_onnx(graph)
    onnx.checker.check_model(model, full_check=True)
    inputs = random_inputs(graph)
    for ours, theirs in zip(run_float(graph, inputs), run_onnx(model, inputs), strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=tolerance, atol=tolerance)
    return model


@pytest.mark.parametrize(
    ("op", "shapes"),
    [
        (
            Conv(Window((3, 3), pads=(1, 1, 1, 1)), clamp=Clamp(0.0, 6.0)),
            [(1, 2, 5, 5), weights(4, 2, 3, 3), weights(4)],
        ),
        (Conv(Window((3, 3)), groups=2, clamp=Clamp(0.0)), [(1, 2, 5, 5), weights(4, 1, 3, 3)]),
        (Dense(Clamp(-1.0)), [(1, 6), weights(3, 6), weights(3)]),
        # Gemm takes matrices only.
        (Dense(Clamp(0.0)), [(1, 4, 6), weights(3, 6), weights(3)]),
        (Dense(), [(6,), weights(3, 6)]),
        (Add(Clamp(0.0)), [(1, 4, 3, 3), (1, 4, 1, 1)]),
        (Add(sign=-1), [weights(1, 4, 1, 1), (1, 4, 3, 3)]),
        # Axes are an attribute before opset 18, except for ReduceSum.
        (Reduce("mean", (2, 3), clamp=Clamp(0.0)), [(1, 4, 3, 3)]),
        (Reduce("sum", (1,)), [(1, 4, 3)]),
        # Before opset 13 softmax normalized all axes from `axis` on.
        (Softmax(1, flat=True), [(1, 4, 3)]),
        (Softmax(2), [(1, 4, 3)]),
        (Clip(Clamp()), [(1, 4)]),
        # Operators that opset 17 does not have yet.
        (Unary("Gelu", (("approximate", "none"),)), [(1, 4)]),
        (Unary("Mish"), [(1, 4)]),
        (Unary("HardSigmoid", (("alpha", 0.3), ("beta", 0.4))), [(1, 4)]),
    ],
    ids=lambda v: v.mnemonic if isinstance(v, Op) else "",
)
def test_operation(op: Op, shapes: list[tuple[int, ...] | np.ndarray]) -> None:
    assert_same_outputs(graph_of(op, *shapes))


def test_opset_is_17_unless_an_operator_is_newer() -> None:
    plain = export_onnx(graph_of(Unary("Tanh"), (1, 4)))
    newer = export_onnx(graph_of(Unary("Gelu", (("approximate", "none"),)), (1, 4)))
    assert (plain.opset_import[0].version, plain.ir_version) == (17, 8)
    assert newer.opset_import[0].version == 20


def test_names_are_kept() -> None:
    graph = graph_of(Conv(Window((1, 1)), clamp=Clamp(0.0)), (1, 2, 4, 4), weights(3, 2, 1, 1), weights(3))
    proto = export_onnx(graph).graph
    assert [n.op_type for n in proto.node] == ["Conv", "Relu"]
    assert [t.name for t in proto.initializer] == ["in1", "in2"]
    assert (proto.input[0].name, proto.output[0].name) == ("in0", "y")


def test_fused_function_is_written_as_its_nodes() -> None:
    graph = Graph[Op]("swish", [Value("x", (1, 4))])
    build = Builder(graph, "y")
    gate = build.value(Unary("Sigmoid"), graph.inputs)
    graph.outputs = [build.value(Mul(), [graph.inputs[0], gate])]
    graph.nodes = build.nodes
    run_passes(graph, [fuse_unary])
    assert len(graph.nodes) == 1
    assert [n.op_type for n in assert_same_outputs(graph).graph.node] == ["Sigmoid", "Mul"]


def test_channels_last_graph_is_refused() -> None:
    graph = graph_of(Conv(Window((1, 1))), (1, 2, 4, 4), weights(3, 2, 1, 1))
    run_passes(graph, [to_nhwc])
    with pytest.raises(ValueError, match="export before to_nhwc"):
        export_onnx(graph)


@pytest.mark.parametrize("folder", MODELS)
def test_model_round_trip(folder: str, tmp_path: Path) -> None:
    graph = float_graph(shared_file(folder, "model.onnx"))
    model = assert_same_outputs(graph, 1e-3)
    onnx.save(model, tmp_path / "again.onnx")
    again = float_graph(tmp_path / "again.onnx")
    assert [n.op.mnemonic for n in again.nodes] == [n.op.mnemonic for n in graph.nodes]
    assert [v.name for v in again.inputs + again.outputs] == [v.name for v in graph.inputs + graph.outputs]
    for old, new in zip(graph.values(), again.values(), strict=True):
        assert old.shape == new.shape
        if old.data is not None:
            np.testing.assert_array_equal(new.data, old.data)
    assert import_model(load_model(tmp_path / "again.onnx")).outputs
