"""Models that arrive quantized: imported without calibration, with their own scales, and like ONNX Runtime."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from edgewright.contracts import Contract
from edgewright.errors import UnsupportedError, UsageError
from edgewright.frontend import ModelFile, import_model, load_model
from edgewright.ir import Graph
from edgewright.passes import LAYOUT, SIMPLIFY, run_passes
from edgewright.quantize import annotate, in_model_order, lower_graph, quantized_inputs, run_integer
from tests.harness.op_cases import Draw
from tests.harness.shared_models import samples, shared_file

ENDS = (("Quantize", "x", "q"), ("Dequantize", "r", "y"))
Types = tuple[QuantType, QuantType]
FORMATS = (QuantFormat.QDQ, QuantFormat.QOperator)
#: Activations and weights. Unsigned weights get a zero point of their own, which puts them on a grid that symmetric
#: int8 has not: they are rounded once more.
TYPES = (
    (QuantType.QInt8, QuantType.QInt8),
    (QuantType.QUInt8, QuantType.QInt8),
    (QuantType.QUInt8, QuantType.QUInt8),
)


class Reader(CalibrationDataReader):  # type: ignore[misc]
    """Gives samples to ONNX Runtime's quantizer."""

    def __init__(self, name: str, inputs: list[np.ndarray]) -> None:
        self.left: Iterator[np.ndarray] = iter(inputs)
        self.name = name

    def get_next(self) -> dict[str, np.ndarray] | None:
        data = next(self.left, None)
        return None if data is None else {self.name: data}


def small_model() -> ModelProto:
    """One of each operator that ONNX Runtime's quantizer knows."""
    d = Draw()
    weights = {
        "w0": d.weights(8, 3, 3, 3), "b0": d.normal(8), "w1": d.weights(8, 1, 3, 3), "b1": d.normal(8),
        "w2": d.weights(6, 8, 1, 1), "w3": d.weights(12, 5, axis=1) / 4, "b3": d.normal(5),
        "w4": d.weights(5, 4, axis=1) / 4,
    }  # fmt: skip
    make = helper.make_node
    nodes = [
        make("Conv", ["x", "w0", "b0"], ["c0"], strides=[2, 2], pads=[1, 1, 1, 1]),
        make("Relu", ["c0"], ["r0"]),
        make("Conv", ["r0", "w1", "b1"], ["c1"], group=8, pads=[1, 1, 1, 1]),
        make("LeakyRelu", ["c1"], ["l1"], alpha=0.1),
        make("Add", ["r0", "l1"], ["a1"]),
        make("MaxPool", ["a1"], ["m1"], kernel_shape=[2, 2], strides=[2, 2]),
        make("Conv", ["m1", "w2"], ["c2"]),
        make("Sigmoid", ["c2"], ["s2"]),
        make("Mul", ["c2", "s2"], ["p2"]),
        make("AveragePool", ["m1"], ["g2"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        make("Conv", ["g2", "w2"], ["c3"]),
        make("Concat", ["p2", "c3"], ["j3"], axis=1),
        make("GlobalAveragePool", ["j3"], ["g3"]),
        make("Flatten", ["g3"], ["f3"]),
        make("Gemm", ["f3", "w3", "b3"], ["d3"]),
        make("Relu", ["d3"], ["r3"]),
        make("MatMul", ["r3", "w4"], ["d4"]),
        make("Softmax", ["d4"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes, "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 16, 16])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4])],
        [numpy_helper.from_array(data, name) for name, data in weights.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def quantized_by_onnx_runtime(
    source: Path,
    folder: Path,
    inputs: list[np.ndarray],
    form: QuantFormat,
    types: tuple[QuantType, QuantType],
    each: bool,
) -> Path:
    target = folder / "quantized.onnx"
    name = onnx.load(source).graph.input[0].name
    quantize_static(
        source, target, Reader(name, inputs), quant_format=form, activation_type=types[0], weight_type=types[1],
        per_channel=each,
    )  # fmt: skip
    return target


def integer_graph(model: ModelFile) -> Graph[Contract]:
    """Imported and lowered without any calibration."""
    graph = import_model(model)
    run_passes(graph, SIMPLIFY)
    annotate(graph, None)
    run_passes(graph, LAYOUT)
    return lower_graph(graph)


def steps_apart(path: Path, inputs: list[np.ndarray]) -> tuple[float, float]:
    """Largest and root mean square difference of the outputs from ONNX Runtime, in steps of the output."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    integer = integer_graph(load_model(path))
    off = []
    for x in inputs:
        (out,), (data,) = integer.outputs, run_integer(integer, quantized_inputs(integer, [x]))
        assert out.quant is not None
        real = in_model_order(out.quant.dequantize(data), out.model_perm)
        off.append((real - session.run(None, {session.get_inputs()[0].name: x})[0]) / out.quant.scale)
    errors = np.concatenate([o.reshape(-1) for o in off])
    return float(np.abs(errors).max()), float(np.sqrt(np.mean(errors**2)))


@pytest.mark.parametrize(("form", "types", "each"), list(itertools.product(FORMATS, TYPES, (False, True))))
def test_small_model(tmp_path: Path, form: QuantFormat, types: Types, each: bool) -> None:
    source = tmp_path / "float.onnx"
    onnx.save(small_model(), source)
    inputs = [Draw(np.random.default_rng(k)).normal(1, 3, 16, 16) for k in range(8)]
    worst, rms = steps_apart(quantized_by_onnx_runtime(source, tmp_path, inputs, form, types, each), inputs)
    assert worst <= 2
    assert rms <= 0.5


@pytest.mark.parametrize(("form", "each"), list(itertools.product(FORMATS, (False, True))))
@pytest.mark.parametrize(
    ("folder", "data", "worst", "rms"),
    [("mlperf_kws_dscnn", "data.npz", 1, 0.1), ("mlperf_ic_resnet8", "data_lossless.npz", 20, 1.0)],
)
def test_shared_models(
    tmp_path: Path, folder: str, data: str, worst: float, rms: float, form: QuantFormat, each: bool
) -> None:
    """IC: residual sums turn single steps of rounding into a few, and the softmax is steep at a close call."""
    inputs = [sample[0] for sample in samples(folder, data, 8)]
    types = (QuantType.QInt8, QuantType.QInt8)
    path = quantized_by_onnx_runtime(shared_file(folder, "model.onnx"), tmp_path, inputs, form, types, each)
    assert steps_apart(path, inputs) <= (worst, rms)


# ---- built by hand -----------------------------------------------------------------------------------


def quantized_conv(**changes: np.ndarray | None) -> ModelProto:
    """uint8 input and output around a QDQ convolution; `changes` replaces constants."""
    constants: dict[str, np.ndarray | None] = {
        "xs": np.array(0.05, np.float32), "xz": np.array(120, np.uint8), "w": np.array([[[[-128]]], [[[90]]]], np.int8),
        "ws": np.array([0.01, 0.02], np.float32), "wz": np.array([0, 0], np.int8), "b": np.array([300, -20], np.int32),
        "bs": np.array([0.0005, 0.001], np.float32), "ys": np.array(0.04, np.float32), "yz": np.array(100, np.uint8),
        **changes,
    }  # fmt: skip
    make = helper.make_node
    nodes = [
        make("DequantizeLinear", ["x", "xs", "xz"], ["xf"]),
        make("DequantizeLinear", ["w", "ws", "wz"], ["wf"], axis=0),
        make("DequantizeLinear", ["b", "bs"], ["bf"], axis=0),
        make("Conv", ["xf", "wf", "bf"], ["yf"]),
        make("QuantizeLinear", ["yf", "ys", "yz"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes, "conv",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, [1, 1, 3, 4])],
        [helper.make_tensor_value_info("y", TensorProto.UINT8, [1, 2, 3, 4])],
        [numpy_helper.from_array(data, name) for name, data in constants.items() if data is not None],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_integers_come_in_and_go_out_as_they_are() -> None:
    """A uint8 model has the same integers, counted from -128; weights keep -128 and their scales."""
    model = quantized_conv()
    integer = integer_graph(ModelFile(Path("conv.onnx"), model, ""))
    assert integer.inputs[0].quant is not None
    assert (np.float32(integer.inputs[0].quant.scale), integer.inputs[0].quant.zero) == (np.float32(0.05), 120 - 128)
    x = np.arange(0, 240, 20, dtype=np.uint8).reshape(1, 1, 3, 4)
    wanted = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
    stored = (x.astype(np.int16) - 128).astype(np.int8)
    stored = in_place_of(stored, integer.inputs[0].model_perm)
    (y,) = run_integer(integer, [stored])
    got = in_model_order(y, integer.outputs[0].model_perm).astype(np.int16) + 128
    assert np.abs(got - wanted).max() <= 1


def in_place_of(data: np.ndarray, perm: tuple[int, ...] | None) -> np.ndarray:
    return data if perm is None else data.transpose(perm)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"xs": np.array(0, np.float32)}, "scale [0.0]; a scale must be positive"),
        ({"ys": np.array(-1, np.float32)}, "scale [-1.0]; a scale must be positive"),
        ({"ws": np.array([0.1, np.nan], np.float32)}, "constant 'ws': holds NaN or infinite values"),
        ({"ys": None}, "reads 'ys', which is defined nowhere before it"),
        ({"yz": np.array(100, np.uint16)}, "activation of type uint16; supported: int8 and uint8"),
        ({"ys": np.array([0.1, 0.2], np.float32), "yz": np.array([1, 2], np.uint8)}, "a scale per channel"),
        ({"ws": np.array([0.1, 0.2, 0.3], np.float32)}, "malformed"),
    ],
)
def test_bad_scales(changes: dict[str, np.ndarray | None], message: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        import_model(ModelFile(Path("conv.onnx"), quantized_conv(**changes), ""))
    assert message in str(caught.value)


def test_integers_may_be_moved_and_not_computed_with() -> None:
    make = helper.make_node
    scale, zero = np.array(0.1, np.float32), np.array(3, np.int8)

    def model(*middle: onnx.NodeProto) -> ModelFile:
        nodes = [
            make("QuantizeLinear", ["x", "s", "z"], ["q"]),
            *middle,
            make("DequantizeLinear", ["r", "s", "z"], ["y"]),
        ]
        graph = helper.make_graph(
            nodes, "moved",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 4, 4])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
            [numpy_helper.from_array(scale, "s"), numpy_helper.from_array(zero, "z")],
        )  # fmt: skip
        proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        return ModelFile(Path("moved.onnx"), proto, "")

    graph = import_model(model(make("MaxPool", ["q"], ["m"], kernel_shape=[2, 2]), make("Flatten", ["m"], ["r"])))
    assert {v.quant for v in graph.values() if not v.is_const} == {graph.outputs[0].quant}
    with pytest.raises(UnsupportedError, match="Add of integers"):
        import_model(model(make("Add", ["q", "q"], ["r"])))


def test_activations_without_a_scale_ask_for_data() -> None:
    graph = helper.make_graph(
        [helper.make_node("Exp", ["x"], ["y"])], "float",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )  # fmt: skip
    imported = import_model(ModelFile(Path("float.onnx"), helper.make_model(graph), ""))
    with pytest.raises(UsageError, match="--calib"):
        annotate(imported, None)
