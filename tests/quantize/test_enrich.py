"""Samples made of samples, for layers with more inputs than there are rows."""

import numpy as np
import pytest

from edgewright.ir import Graph
from edgewright.ir.clone import clone
from edgewright.ir.text import parse_graph
from edgewright.ops import Op
from edgewright.pipeline import integer_form
from edgewright.quantize import Samples, annotate, observe, run_float
from edgewright.quantize.calibrate import output_error
from edgewright.quantize.rounding.enrich import MOST_COPIES, copies_needed, enriched
from edgewright.quantize.rounding.layer import free_layers
from edgewright.quantize.rounding.network import round_weights
from edgewright.quantize.rounding.recipe import Rounding
from tests.harness.graph_strategies import op_records

WIDE = """graph 'wide' {
  input %x:f32[1,200]
  %w0:f32[32,200] = const(seed=1)
  %w1:f32[6,32] = const(seed=2)
  %a:f32[1,32] = dense(%x, %w0) {clamp=Clamp(0.0)} 'first'
  %y:f32[1,6] = dense(%a, %w1) 'last'
  output %y
}"""


def wide() -> Graph[Op]:
    return parse_graph(WIDE, op_records())


def some(count: int, seed: int) -> Samples:
    """Inputs that vary in ten directions, and a little in all others."""
    ways = np.random.default_rng(0).standard_normal((10, 200))
    rng = np.random.default_rng(seed)
    x = 3 + rng.standard_normal((count, 10)) @ ways + 0.3 * rng.standard_normal((count, 200))
    return Samples((x.astype(np.float32),), ((1, 200),))


def test_copies_give_every_layer_rows_enough() -> None:
    graph = wide()
    annotate(graph, observe(graph, some(8, 0)))
    forms = [layer.form for layer in free_layers(graph).values()]
    assert copies_needed(200, forms) == 0
    assert copies_needed(199, forms) == 5
    assert copies_needed(100, forms) == 8
    assert copies_needed(2, forms) == MOST_COPIES
    assert copies_needed(2, []) == 0


def test_mixtures_stand_behind_the_samples_and_resemble_them() -> None:
    given = list(some(50, 1))
    made = enriched(given, 3)
    assert len(made) == 200
    for own, kept in zip(given, made, strict=False):
        np.testing.assert_array_equal(own[0], kept[0])
    fresh = np.stack([sample[0] for sample in made[50:]])
    x = np.stack([sample[0] for sample in given])
    assert fresh.dtype == np.float32
    assert abs(fresh.mean() - x.mean()) < 0.2 * x.std()
    assert 0.7 * x.std() < fresh.std() < 1.3 * x.std()
    again = enriched(given, 3)
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(made, again, strict=True))


def test_few_samples_do_not_hide_what_rounding_loses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judged on inputs that vary a little in all directions: less error than samples alone."""
    graph, few, held = wide(), some(20, 1), some(100, 2)
    wanted = [run_float(graph, sample) for sample in held]
    errors = []
    for copies in (0, MOST_COPIES):
        twin = clone(graph)
        annotate(twin, observe(twin, some(100, 3)))
        monkeypatch.setattr("edgewright.quantize.rounding.network.copies_needed", lambda *_, copies=copies: copies)
        round_weights(graph, twin, list(few), Rounding.GPTQ, {0: 4, 1: 4})
        errors.append(output_error(integer_form(twin), held, wanted))
    assert errors[1] < 0.75 * errors[0], errors
