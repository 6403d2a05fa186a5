"""The case table of every operator: small ONNX models, and how far the integer result may be from the float one.

Each case runs as float against ONNX Runtime and as integer graph against float; the same cases run as C.
Constant weights are drawn from the grid that int8 holds exactly, so that what remains is the rounding of inputs
(which the float side gets too) and of outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from edgewright.contracts import Contract
from edgewright.frontend import ModelFile, import_model
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.ops.lowering import quant_of
from edgewright.passes import LAYOUT, run_passes
from edgewright.passes import SIMPLIFY as PIPELINE
from edgewright.passes.fold_pad import fold_pad
from edgewright.passes.recognise_layer_norm import recognise_layer_norm
from edgewright.quantize import annotate, in_model_order, lower_graph, observe, quantized_inputs, run_integer
from edgewright.quantize.ranges import quant_for_range

SIMPLIFY = (*(p for p in (recognise_layer_norm, fold_pad) if p not in PIPELINE), *PIPELINE)
OPSET = 21
SAMPLES = 3


@dataclass(frozen=True, eq=False)
class OpCase:
    """One small model.

    operator: the ONNX operator it is about. why: what it adds to the table. inputs: samples, each one array per
    input. steps: the largest difference of an output from float, in steps of its scale; because: why more than 1.
    """

    operator: str
    why: str
    model: ModelProto
    samples: list[list[np.ndarray]]
    steps: float = 1.0
    because: str = ""

    @property
    def name(self) -> str:
        return f"{self.operator}: {self.why}"


@dataclass(frozen=True, eq=False)
class Lowered:
    """A case as its integer graph, and per sample the float inputs that int8 holds exactly."""

    integer: Graph[Contract]
    samples: list[list[np.ndarray]]

    def run(self, index: int) -> list[np.ndarray]:
        """The real values of the integer outputs, in the model's axis order."""
        outputs = run_integer(self.integer, quantized_inputs(self.integer, self.samples[index]))
        real = []
        for value, data in zip(self.integer.outputs, outputs, strict=True):
            assert value.quant is not None
            real.append(in_model_order(value.quant.dequantize(data), value.model_perm))
        return real


def lowered(case: OpCase) -> Lowered:
    """The case through the whole compiler: import, passes, calibration on its own samples, integers.

    The samples are rounded to int8 before they calibrate the rest, so that no output leaves its range.
    """
    graph = simplified(case)
    exact = quantized_exactly(graph, case.samples)
    annotate(graph, observe(graph, exact), "minmax")
    run_passes(graph, LAYOUT)
    return Lowered(lower_graph(graph), exact)


def quantized_exactly(graph: Graph[Op], samples: list[list[np.ndarray]]) -> list[list[np.ndarray]]:
    """`samples` rounded to int8, which gives the inputs of `graph` their scales."""
    seen = observe(graph, samples)
    for value in graph.inputs:
        value.quant = value.quant or quant_for_range(seen[value].low, seen[value].high)
    quants = [quant_of(value) for value in graph.inputs]
    return [[q.dequantize(q.quantize(x)) for q, x in zip(quants, sample, strict=True)] for sample in samples]


def simplified(case: OpCase) -> Graph[Op]:
    """The float graph of a case behind the passes that keep ONNX semantics."""
    graph = import_model(model_file(case))
    run_passes(graph, SIMPLIFY)
    return graph


def model_file(case: OpCase) -> ModelFile:
    """The case as the frontend reads it from a file."""
    return ModelFile(Path(f"{case.operator}.onnx"), case.model, sha256(case.model.SerializeToString()).hexdigest())


# ---- building ----------------------------------------------------------------------------------------


@dataclass(eq=False)
class Draw:
    """Random contents, the same for the same seed."""

    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))

    def normal(self, *shape: int, scale: float = 1.0, offset: float = 0.0) -> np.ndarray:
        """Float32 of a normal distribution."""
        return (self.rng.standard_normal(shape) * scale + offset).astype(np.float32)

    def positive(self, *shape: int, low: float = 0.2, high: float = 3.0) -> np.ndarray:
        """Float32 of a uniform distribution."""
        return self.rng.uniform(low, high, shape).astype(np.float32)

    def weights(self, *shape: int, axis: int = 0) -> np.ndarray:
        """Multiples of 1/127 of a scale per channel along `axis`, each channel reaching 127."""
        whole = np.moveaxis(self.rng.integers(-127, 128, shape), axis, 0).copy()
        whole.reshape(len(whole), -1)[:, 0] = 127
        scales = self.rng.uniform(0.3, 1.0, len(whole)).reshape(-1, *[1] * (whole.ndim - 1))
        real: np.ndarray = np.moveaxis(whole / 127 * scales, 0, axis)
        return np.ascontiguousarray(real, dtype=np.float32)


def one_node(
    operator: str,
    why: str,
    inputs: Sequence[Sequence[np.ndarray]] | Sequence[np.ndarray],
    constants: dict[int, np.ndarray] | None = None,
    *,
    outputs: int = 1,
    opset: int = OPSET,
    steps: float = 1.0,
    because: str = "",
    domain: str = "",
    **attributes: Any,
) -> OpCase:
    """A case of one node.

    inputs: one array per dynamic input, each [samples, ...]; constants: position -> array; dynamic inputs take the
    other positions in order.
    """
    constants = constants or {}
    total = len(inputs) + len(constants)
    feeds = iter(range(len(inputs)))
    names = [f"c{k}" if k in constants else f"x{next(feeds)}" for k in range(total)]
    results = [f"y{k}" for k in range(outputs)]
    node = helper.make_node(operator, names, results, domain=domain, **attributes)
    named = {f"c{k}": data for k, data in constants.items()}
    return nodes_case(operator, why, [node], inputs, named, outputs=results, opset=opset, steps=steps, because=because)


def nodes_case(
    operator: str,
    why: str,
    nodes: Sequence[NodeProto],
    inputs: Sequence[Any],
    constants: dict[str, np.ndarray] | None = None,
    *,
    outputs: Sequence[str] = ("y",),
    opset: int = OPSET,
    steps: float = 1.0,
    because: str = "",
) -> OpCase:
    """A case of several nodes; its inputs are called x0, x1, ..."""
    infos = [helper.make_tensor_value_info(f"x{k}", TensorProto.FLOAT, data[0].shape) for k, data in enumerate(inputs)]
    kind = TensorProto.INT64 if operator.startswith("Arg") else TensorProto.FLOAT
    results = [helper.make_tensor_value_info(n, kind, None) for n in outputs]
    initializers = [numpy_helper.from_array(data, name) for name, data in (constants or {}).items()]
    graph = helper.make_graph(list(nodes), "case", infos, results, initializers)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    )
    model.ir_version = 10 if opset > 11 else 7
    samples = [[data[k] for data in inputs] for k in range(len(inputs[0]))]
    return OpCase(operator, why, model, samples, steps, because)


def op_cases() -> list[OpCase]:
    """All cases."""
    from tests.harness import op_cases_elementwise, op_cases_layers, op_cases_movement, op_cases_recurrent

    modules = (op_cases_layers, op_cases_elementwise, op_cases_movement, op_cases_recurrent)
    return [case for module in modules for case in module.table()]
