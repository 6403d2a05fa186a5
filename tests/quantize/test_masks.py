"""Attention masks: what only a softmax reads keeps its resolution, however far below a mask puts the rest."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import NodeProto

from edgewright.frontend import import_model
from edgewright.ir.text import parse_graph
from edgewright.passes import LAYOUT, SIMPLIFY, run_passes
from edgewright.quantize import annotate, lower_graph, observe
from edgewright.quantize.masks import REACH, read_by_softmax, without_masked
from tests.harness.graph_strategies import op_records
from tests.harness.small_models import f32, file_of, model, node, relative_errors, weights

N, WIDTH = 8, 6
CAUSAL = np.tril(np.ones((N, N), np.float32))
LAST_TWO = np.concatenate([np.ones((1, N - 2), np.float32), np.zeros((1, 2), np.float32)], axis=1)


def error(mask: list[NodeProto], constants: dict[str, np.ndarray], inputs: dict[str, list[np.ndarray]]) -> float:
    """Of an attention whose scores `mask` turns from s into t."""
    nodes = [
        node("MatMul x,q -> xq"), node("MatMul x,k -> xk"), node("Transpose xk -> kt", perm=[0, 2, 1]),
        node("MatMul xq,kt -> s"), *mask, node("Softmax t -> p", axis=-1), node("MatMul p,x -> y"),
    ]  # fmt: skip
    x = [np.random.default_rng(k).standard_normal((1, N, WIDTH)).astype(np.float32) for k in range(12)]
    given = {"x": x, **inputs}
    shapes = {name: list(data[0].shape) for name, data in given.items()}
    projections = {"q": weights(WIDTH, WIDTH), "k": weights(WIDTH, WIDTH) + 0.3}
    proto = model(nodes, shapes, {**projections, **constants})
    samples = [list(sample) for sample in zip(*given.values(), strict=True)]
    graph = import_model(file_of(proto))
    run_passes(graph, SIMPLIFY)
    annotate(graph, observe(graph, samples))
    run_passes(graph, LAYOUT)
    return relative_errors(lower_graph(graph), proto, samples)[0]


LOWEST = float(np.finfo(np.float32).min)


@pytest.mark.parametrize("low", [-1e4, -1e9, LOWEST, -np.inf])
def test_added(low: float) -> None:
    mask = np.where(CAUSAL > 0, 0, low).astype(np.float32)
    assert error([node("Add s,m -> t")], {"m": mask}, {}) < 0.04


@pytest.mark.parametrize("low", [-1e4, -1e9, LOWEST, -np.inf])
def test_chosen(low: float) -> None:
    assert error([node("Where c,s,low -> t")], {"c": CAUSAL > 0, "low": f32(low)}, {}) < 0.04
    assert error([node("Where c,low,s -> t")], {"c": CAUSAL == 0, "low": f32(low)}, {}) < 0.04


def test_computed_from_an_input() -> None:
    """(1 - mask) * -1e9, as transformers write it; the rows of padding are not masked, the columns are."""
    nodes = [node("Sub one,m -> i"), node("Mul i,low -> a"), node("Add s,a -> t")]
    masks = [LAST_TWO[None] if k % 2 else np.ones((1, 1, N), np.float32) for k in range(12)]
    assert error(nodes, {"one": f32(1), "low": f32(-1e9)}, {"m": masks}) < 0.04


def test_a_comparison_chooses() -> None:
    nodes = [node("Greater m,half -> c"), node("Where c,s,low -> t")]
    masks = [LAST_TWO[None] if k % 2 else np.ones((1, 1, N), np.float32) for k in range(12)]
    assert error(nodes, {"half": f32(0.5), "low": f32(-1e4)}, {"m": masks}) < 0.04


def test_rows_masked_throughout_do_not_count() -> None:
    scores = np.array([[3.0, -1e9, 1.0], [-1e9, -1e9 + 2, -1e9], [0.0, -5.0, -40.0]])
    raised = without_masked(scores, (1,))
    np.testing.assert_array_equal(raised[0], [3, 3 - REACH, 1])
    np.testing.assert_array_equal(raised[1], [-REACH] * 3)
    np.testing.assert_array_equal(raised[2], [0, -5, -REACH])


def test_scores_without_a_mask_keep_their_range() -> None:
    scores = np.array([[20.0, -40.0], [3.0, 2.0]])
    assert without_masked(scores, (1,)) is scores


def test_scores_that_somebody_else_reads_keep_their_range() -> None:
    graph = parse_graph(
        """graph 'g' {
          input %x:f32[1,4]
          %a:f32[1,4] = unary(%x) {function='Tanh'}
          %b:f32[1,4] = unary(%x) {function='Tanh'}
          %p:f32[1,4] = softmax(%a) {axis=1}
          %q:f32[1,4] = softmax(%b) {axis=1}
          %r:f32[1,4] = add(%p, %b)
          output %q
          output %r
        }""",
        op_records(),
    )
    assert {value.name: axes for value, axes in read_by_softmax(graph).items()} == {"a": (1,)}
