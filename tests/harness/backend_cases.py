"""The onnx package's own node tests as models that a compiler can take: what is not data becomes constant."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from onnx import ModelProto, TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases
from onnx.backend.test.case.test_case import TestCase

from edgewright.frontend import ModelFile
from edgewright.frontend.node_checks import BUILT_IN
from edgewright.frontend.quantized import QUANTIZED
from edgewright.ops import importers

#: Operator -> float inputs that are parameters and not data, by position. Integer inputs always are.
PARAMETERS = {
    "GRU": (1, 2, 3), "LSTM": (1, 2, 3, 7),
    "BatchNormalization": (1, 2, 3, 4), "Clip": (1, 2), "Conv": (1, 2), "ConvTranspose": (1, 2), "Dropout": (1, 2),
    "GroupNormalization": (1, 2), "InstanceNormalization": (1, 2), "LayerNormalization": (1, 2), "PRelu": (1,),
    "Pad": (2,), "Pow": (1,), "Resize": (1, 2), "Upsample": (1,), "QuantizeLinear": (1, 2), "DequantizeLinear": (1, 2),
    "QLinearConv": (1, 2, 3, 4, 5, 6, 7, 8), "QLinearMatMul": (1, 2, 4, 5, 6, 7),
}  # fmt: skip
INTEGERS = (TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL)


@dataclass(frozen=True, eq=False)
class BackendCase:
    """A node test. model: with its parameters as initializers. inputs, outputs: its first data set."""

    name: str
    model: ModelProto
    inputs: list[np.ndarray]
    outputs: list[np.ndarray]

    @property
    def file(self) -> ModelFile:
        return ModelFile(Path(f"{self.name}.onnx"), self.model, sha256(self.model.SerializeToString()).hexdigest())


@cache
def backend_cases() -> dict[str, BackendCase]:
    """The cases of supported operators, by name; of function bodies those whose nodes all are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {case.name: case for case in collect_testcases(None)}
    known = {*importers(), *BUILT_IN, *QUANTIZED}
    tested = importers().keys() | set(QUANTIZED) | {"Dropout", "Identity", "Cast"}
    cases = {}
    for name, case in found.items():
        original = found.get(name.split("_expanded")[0], case)
        nodes = model_of(case).graph.node
        operator = model_of(original).graph.node[0].op_type
        taken = {node.op_type for node in nodes} <= known if case is not original else len(nodes) == 1
        if operator in tested and taken:
            cases[name] = _with_parameters(case, original)
    return cases


def model_of(case: TestCase) -> ModelProto:
    """The model, which every node test has."""
    assert case.model is not None
    return case.model


def _with_parameters(case: TestCase, original: TestCase) -> BackendCase:
    assert case.data_sets is not None
    node = model_of(original).graph.node[0]
    inputs, outputs = ([_array(v) for v in values] for values in case.data_sets[0])
    model = ModelProto()
    model.CopyFrom(model_of(case))
    data = []
    for info, array in zip(list(model.graph.input), inputs, strict=True):
        position = list(node.input).index(info.name) if info.name in node.input else 0
        kind = info.type.tensor_type.elem_type
        if position and (kind in INTEGERS or position in PARAMETERS.get(node.op_type, ())):
            model.graph.input.remove(info)
            model.graph.initializer.append(numpy_helper.from_array(array, info.name))
        else:
            data.append(array)
    if node.op_type == "LayerNormalization" and case is original:  # Mean and InvStdDev are for training
        del model.graph.output[1:], model.graph.node[0].output[1:], outputs[1:]
    return BackendCase(case.name, model, data, outputs)


def _array(value: object) -> np.ndarray:
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.asarray(value)
