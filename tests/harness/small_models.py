"""Small ONNX models written in a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from edgewright.contracts import Contract
from edgewright.frontend import ModelFile
from edgewright.frontend.order import names_read
from edgewright.ir import Graph
from edgewright.quantize import in_model_order, quantized_inputs, run_integer
from tests.harness.shared_models import run_onnx

SHORT = {"Q": "QuantizeLinear", "DQ": "DequantizeLinear"}


def f32(*values: float) -> np.ndarray:
    """A scalar, or a vector."""
    return np.array(values[0] if len(values) == 1 else values, np.float32)


def weights(*shape: int) -> np.ndarray:
    """Random weights [out, ...] whose sums keep the variance; the same for the same shape."""
    drawn = np.random.default_rng(shape).standard_normal(shape)
    return np.asarray(drawn / np.sqrt(np.prod(shape[1:])), np.float32)


def node(text: str, **attributes: Any) -> NodeProto:
    """A node from "Op in,in -> out,out"; Q and DQ stand for their long names."""
    left, right = text.split(" -> ")
    name, _, inputs = left.partition(" ")
    return helper.make_node(SHORT.get(name, name), inputs.split(","), right.split(","), **attributes)


def model(
    nodes: Sequence[NodeProto],
    inputs: Mapping[str, Sequence[int]],
    constants: Mapping[str, np.ndarray],
    outputs: Sequence[str] = ("y",),
    opset: int = 17,
) -> ModelProto:
    """Float inputs and outputs; of the constants those that a node or an output names."""
    used = {name for n in nodes for name in names_read(n)} | set(outputs)
    graph = helper.make_graph(
        nodes, "m",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(data), name) for name, data in constants.items() if name in used],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def file_of(proto: ModelProto) -> ModelFile:
    """The model as it is read from a file."""
    return ModelFile(Path("m.onnx"), proto, "")


def real_outputs(integer: Graph[Contract], sample: Sequence[np.ndarray]) -> list[np.ndarray]:
    """What an integer graph gives for float inputs, in real values and the model's axis order."""
    results = []
    for out, data in zip(integer.outputs, run_integer(integer, quantized_inputs(integer, sample)), strict=True):
        whole = in_model_order(data, out.model_perm)
        results.append(whole if out.dtype != "int8" or out.quant is None else out.quant.dequantize(whole))
    return results


def relative_errors(
    integer: Graph[Contract], proto: ModelProto, samples: Sequence[Sequence[np.ndarray]]
) -> list[float]:
    """Per output: root mean square distance from ONNX Runtime, over the deviation of what that gives."""
    got = [real_outputs(integer, sample) for sample in samples]
    wanted = [run_onnx(proto, list(sample)) for sample in samples]
    errors = []
    for ours, theirs in zip(zip(*got, strict=True), zip(*wanted, strict=True), strict=True):
        a, b = np.stack(ours).astype(np.float64), np.stack(theirs).astype(np.float64)
        errors.append(float(np.sqrt(np.mean((a - b) ** 2)) / b.std()))
    return errors
