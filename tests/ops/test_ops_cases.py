"""Every operator case: as float against ONNX Runtime, and as integers against float."""

from __future__ import annotations

import numpy as np
import onnxruntime as ort
import pytest

from edgewright.frontend import import_model
from edgewright.ops import importers
from edgewright.passes import LAYOUT, run_passes
from edgewright.quantize import in_model_order, run_float
from tests.harness.op_cases import SIMPLIFY, OpCase, lowered, model_file, op_cases

CASES = op_cases()


def onnx_runtime(case: OpCase, sample: list[np.ndarray]) -> list[np.ndarray]:
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(case.model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [info.name for info in session.get_inputs()]
    return [np.asarray(y) for y in session.run(None, dict(zip(names, sample, strict=True)))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_float(case: OpCase) -> None:
    """Imported, simplified and channels last, the float graph gives what ONNX Runtime gives."""
    graph = import_model(model_file(case))
    wanted = onnx_runtime(case, case.samples[0])
    check_float(wanted, run_float(graph, case.samples[0]))
    run_passes(graph, SIMPLIFY)
    check_float(wanted, run_float(graph, case.samples[0]))
    run_passes(graph, LAYOUT)
    stored = [
        data if v.model_perm is None else data.transpose(v.model_perm)
        for v, data in zip(graph.inputs, case.samples[0], strict=True)
    ]
    outputs = run_float(graph, stored)
    check_float(wanted, [in_model_order(y, v.model_perm) for v, y in zip(graph.outputs, outputs, strict=True)])


def check_float(wanted: list[np.ndarray], got: list[np.ndarray]) -> None:
    for expected, result in zip(wanted, got, strict=True):
        assert result.shape == expected.shape
        np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-5 * max(1.0, float(np.abs(expected).max())))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_integer(case: OpCase) -> None:
    """The integer graph is within the stated steps of float on what int8 holds of the inputs."""
    low = lowered(case)
    for index, sample in enumerate(low.samples):
        for value, got, wanted in zip(low.integer.outputs, low.run(index), onnx_runtime(case, sample), strict=True):
            assert value.quant is not None
            off = np.abs(got.astype(np.float64) - wanted.astype(np.float64)).max() / value.quant.scale
            limit = 0 if value.dtype == "int32" else case.steps
            assert off <= limit, f"off by {off:.2f} steps of {value.quant.scale:g}"


def test_every_operator_has_a_case() -> None:
    assert set(importers()) - {case.operator for case in CASES} == set()


def test_a_wide_tolerance_says_why() -> None:
    assert [case.name for case in CASES if (case.steps > 1.0) != bool(case.because)] == []
