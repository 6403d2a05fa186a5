"""4-bit weights in ONNX: INT4 and UINT4 initializers come in with their own scales, and go out again."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from edgewright.contracts import Contract
from edgewright.contracts.conv import ConvS8
from edgewright.errors import UnsupportedError
from edgewright.frontend import export_onnx, load_model
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.pipeline import integer_form, simplified, with_scales
from tests.harness.shared_models import run_onnx

WEIGHTS = np.random.default_rng(4).integers(-7, 8, (8, 6, 1, 1))


def model(kind: int, scales: np.ndarray, *, activations: int = TensorProto.INT8, **attributes: Any) -> ModelProto:
    """A quantized 1x1 convolution whose weights are of the type `kind`; attributes of their DequantizeLinear."""
    zero = 8 if kind == TensorProto.UINT4 else 0
    make = helper.make_node
    nodes = [
        make("QuantizeLinear", ["x", "x_scale", "x_zero"], ["x_codes"]),
        make("DequantizeLinear", ["x_codes", "x_scale", "x_zero"], ["x_real"]),
        make("DequantizeLinear", ["w", "w_scale", "w_zero"], ["w_real"], axis=0, **attributes),
        make("Conv", ["x_real", "w_real"], ["y"]),
        make("QuantizeLinear", ["y", "y_scale", "y_zero"], ["y_codes"]),
        make("DequantizeLinear", ["y_codes", "y_scale", "y_zero"], ["out"]),
    ]
    tensors = [
        helper.make_tensor("w", kind, WEIGHTS.shape, (WEIGHTS + zero).reshape(-1).tolist()),
        helper.make_tensor("w_zero", kind, scales.shape, np.full(scales.shape, zero).reshape(-1).tolist()),
        helper.make_tensor("x_zero", activations, [], [0]),
        helper.make_tensor("y_zero", TensorProto.INT8, [], [0]),
        numpy_helper.from_array(scales.astype(np.float32), "w_scale"),
        numpy_helper.from_array(np.array(0.02, np.float32), "x_scale"),
        numpy_helper.from_array(np.array(0.05, np.float32), "y_scale"),
    ]
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, c, 5, 5]) for n, c in (("x", 6), ("out", 8))]
    graph = helper.make_graph(nodes, "int4", ends[:1], ends[1:], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def float_graph(proto: ModelProto, folder: Path) -> Graph[Op]:
    path = folder / "model.onnx"
    onnx.save(proto, path)
    return with_scales(simplified(load_model(path)), None, "auto").graph


def integer_graph(proto: ModelProto, folder: Path) -> Graph[Contract]:
    return integer_form(float_graph(proto, folder))


def convolution(graph: Graph[Contract]) -> ConvS8:
    (found,) = [node.op for node in graph.nodes if isinstance(node.op, ConvS8)]
    return found


SCALES = [pytest.param(np.linspace(0.01, 0.08, 8), id="per channel"), pytest.param(np.array(0.05), id="per tensor")]


@pytest.mark.parametrize("kind", [TensorProto.INT4, TensorProto.UINT4], ids=["int4", "uint4"])
@pytest.mark.parametrize("scales", SCALES)
def test_weights_keep_their_codes(kind: int, scales: np.ndarray, tmp_path: Path) -> None:
    got = convolution(integer_graph(model(kind, scales), tmp_path))
    np.testing.assert_array_equal(got.weights, WEIGHTS.transpose(0, 2, 3, 1))


@pytest.mark.parametrize("int4", [False, True])
def test_export_carries_them(int4: bool, tmp_path: Path) -> None:
    proto = model(TensorProto.INT4, np.linspace(0.01, 0.08, 8))
    exported = export_onnx(float_graph(proto, tmp_path), quantized=True, int4=int4)
    onnx.checker.check_model(exported, full_check=True)
    (weights,) = [t for t in exported.graph.initializer if list(t.dims) == list(WEIGHTS.shape)]
    assert weights.data_type == (TensorProto.INT4 if int4 else TensorProto.INT8)
    before, after = (convolution(integer_graph(p, tmp_path)) for p in (proto, exported))
    np.testing.assert_array_equal(before.weights, after.weights)
    np.testing.assert_array_equal(before.mult, after.mult)
    x = np.random.default_rng(1).normal(size=(1, 6, 5, 5)).astype(np.float32)
    np.testing.assert_array_equal(run_onnx(exported, [x])[0], run_onnx(proto, [x])[0])


def test_weights_beyond_four_bits_stay_int8(tmp_path: Path) -> None:
    graph = float_graph(model(TensorProto.INT8, np.array(0.05)), tmp_path)
    wide = graph.nodes[0].operand(1)
    assert wide.data is not None
    wide.data[0, 0] = 8 * np.float32(0.05)
    exported = export_onnx(graph, quantized=True, int4=True)
    assert TensorProto.INT4 not in {t.data_type for t in exported.graph.initializer}


def test_activations_of_four_bits_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="int4"):
        integer_graph(model(TensorProto.INT4, np.array(0.05), activations=TensorProto.INT4), tmp_path)


def test_blocks_of_inputs_are_refused(tmp_path: Path) -> None:
    proto = model(TensorProto.INT4, np.full((8, 2, 1, 1), 0.05), block_size=3)
    proto.graph.node[2].attribute[0].i = 1
    with pytest.raises(UnsupportedError, match="block"):
        integer_graph(proto, tmp_path)
