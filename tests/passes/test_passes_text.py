"""Passes in text: the graph before, and the graph after.

Each file of `golden/<pass>/` says why it exists, then holds two graphs in text form, or one that the pass must not
touch. To write what the passes make of them now:
`EDGEWRIGHT_UPDATE_GOLDEN=1 pytest tests/passes/test_passes_text.py`.
"""

import os
import re
from pathlib import Path

import numpy as np
import pytest

from edgewright.ir import Graph
from edgewright.ir.text import parse_graph, print_graph
from edgewright.ops import Op
from edgewright.passes import run_passes
from edgewright.passes.absorb_ends import absorb_ends
from edgewright.passes.base import Pass
from edgewright.passes.fold_affine import fold_affine
from edgewright.passes.fuse_clamp import fuse_clamp
from edgewright.passes.fuse_unary import fuse_unary
from edgewright.passes.sink_layout import sink_layout
from edgewright.passes.to_nhwc import to_nhwc
from edgewright.quantize import in_model_order, run_float
from tests.harness.graph_strategies import inputs_of, op_records

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.relative_to(GOLDEN) for path in GOLDEN.glob("*/*.txt"))
PASSES: dict[str, list[Pass]] = {
    "fold_affine": [fold_affine],
    "fuse_clamp": [fuse_clamp],
    "fuse_unary": [fuse_unary],
    "layout": [to_nhwc, sink_layout, absorb_ends],
    "sink_layout": [sink_layout],
}


def graphs_in(text: str) -> tuple[str, list[str]]:
    """The comment at the top, and the text of each graph."""
    why, *graphs = re.split(r"^(?=graph )", text, flags=re.MULTILINE)
    return why, [graph.rstrip() for graph in graphs]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_pass(case: Path) -> None:
    why, (before, *after) = graphs_in((GOLDEN / case).read_text())
    assert why.startswith("# ")
    graph = parse_graph(before, op_records())
    changes = run_passes(graph, PASSES[case.parts[0]])
    if os.environ.get("EDGEWRIGHT_UPDATE_GOLDEN") and sum(changes.values()):
        graph.name = "after"
        (GOLDEN / case).write_text(f"{why}{before}\n{print_graph(graph)}\n")
    else:
        graph.name = "after" if after else "unchanged"
        wanted = after[0] if after else print_graph(parse_graph(before, op_records()))
        assert print_graph(graph) == wanted
        assert bool(after) == bool(sum(changes.values()))
    for ours, theirs in zip(outputs_of(before), outputs_of(print_graph(graph)), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def outputs_of(text: str) -> list[np.ndarray]:
    """What a graph computes from fixed inputs, both in the model's axis order."""
    graph = parse_graph(text, op_records())
    model = Graph[Op](
        "", [type(v)(v.name, in_model_order(np.zeros(v.shape), v.model_perm).shape) for v in graph.inputs]
    )
    inputs = [
        data if value.model_perm is None else data.transpose(value.model_perm)
        for value, data in zip(graph.inputs, inputs_of(model), strict=True)
    ]
    return [in_model_order(y, v.model_perm) for v, y in zip(graph.outputs, run_float(graph, inputs), strict=True)]


def test_every_pass_has_cases() -> None:
    assert {case.parts[0] for case in CASES} == set(PASSES)
