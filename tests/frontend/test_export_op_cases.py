"""Every operator case exported again: as float, and as QDQ with the same integers."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from edgewright.contracts import Contract
from edgewright.contracts.movement import CopyS8, GatherS8, ReshapeS8
from edgewright.frontend import ModelFile, export_onnx, import_model
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.passes import LAYOUT, run_passes
from edgewright.quantize import annotate, lower_graph, observe, run_float
from tests.frontend.test_export_quantized import first_difference
from tests.harness.op_cases import SIMPLIFY, OpCase, op_cases, simplified
from tests.harness.shared_models import run_onnx

CASES = op_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_float(case: OpCase) -> None:
    """ONNX Runtime computes from the export what the graph computes."""
    graph = simplified(case)
    model = export_onnx(graph)
    onnx.checker.check_model(model, full_check=True)
    wanted = run_float(graph, case.samples[0])
    for expected, got in zip(wanted, run_onnx(model, case.samples[0]), strict=True):
        assert got.shape == expected.shape
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5 * max(1.0, float(np.abs(expected).max())))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_integers(case: OpCase) -> None:
    """The QDQ export runs, and what is imported from it is the same integer graph."""
    graph = simplified(case)
    annotate(graph, observe(graph, case.samples))
    model = export_onnx(graph, quantized=True)
    onnx.checker.check_model(model, full_check=True)
    again = import_model(ModelFile(Path("again.onnx"), model, ""))
    run_passes(again, SIMPLIFY)
    annotate(again, None)
    ignored = "out_shape" if "flattened" in case.why else ""  # The axes of such a softmax are made one.
    assert first_difference(lowered(graph), lowered(again), ignored) is None
    assert len(run_onnx(model, case.samples[0])) == len(graph.outputs)


def lowered(graph: Graph[Op]) -> Graph[Contract]:
    """The integer graph without copies: the same movement of data may be written in other operators."""
    run_passes(graph, LAYOUT)
    integer = lower_graph(graph)
    integer.nodes = [node for node in integer.nodes if not isinstance(node.op, CopyS8 | GatherS8 | ReshapeS8)]
    return integer
