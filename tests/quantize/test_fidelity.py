"""How well int8 holds each output: measured per output, and said when it is too little, with its cause."""

from __future__ import annotations

import numpy as np
import pytest

from edgewright.ir import Graph
from edgewright.ir.text import parse_graph
from edgewright.ops import Op
from edgewright.pipeline import integer_form
from edgewright.quantize import Calibration, calibrate
from edgewright.quantize.fidelity import LEAST_DB, MOST_DB, OutputQuality, Spread
from edgewright.quantize.samples import Samples
from tests.harness.graph_strategies import op_records

RNG = np.random.default_rng(2)
#: A box that reaches 200 and a score below 1, each from its own layer.
TWO_HEADS = """graph 'heads' {
  input %x:f32[1,8]
  %w:f32[4,8] = const(seed=1)
  %v:f32[1,8] = const(seed=2)
  %many:f32[1] = const(50.0)
  %b:f32[1,4] = dense(%x, %w) 'box layer'
  %boxes:f32[1,4] = mul(%b, %many) 'boxes'
  %s:f32[1,1] = dense(%x, %v) 'score layer'
  %score:f32[1,1] = unary(%s) {function='Sigmoid'} 'score'
  %both:f32[1,5] = concat(%boxes, %score) {axis=1} 'join'
"""


def heads(*outputs: str) -> Graph[Op]:
    graph = parse_graph(TWO_HEADS + "".join(f"  output %{name}\n" for name in outputs) + "}", op_records())
    graph.prune()
    return graph


def calibrated(graph: Graph[Op], x: np.ndarray, method: str = "minmax") -> Calibration:
    samples = Samples((x.astype(np.float32),), ((1, *x.shape[1:]),))
    return calibrate(graph, samples, integer_form, method)


def test_noise_is_measured_over_samples_and_elements() -> None:
    """One number per sample has a variance, too."""
    spread = Spread()
    for value in (1.0, 3.0, 5.0, 7.0):
        spread.add(np.array([value]), np.array([value + 0.5]))
    assert spread.relative_error == pytest.approx(0.25 / 5)
    assert spread.decibels == pytest.approx(10 * np.log10(20))
    assert (spread.low, spread.high) == (1, 7)


def test_an_output_that_never_changes_is_measured_by_its_size() -> None:
    spread = Spread()
    spread.add(np.full(3, 2.0), np.full(3, 2.2))
    assert spread.relative_error == pytest.approx(0.01)
    exact = Spread()
    exact.add(np.zeros(3), np.zeros(3))
    assert exact.decibels == MOST_DB


def test_every_output_has_its_own_figure_and_counts_alike() -> None:
    """Boxes are 200 times as large as scores; a method is as good as the mean of both."""
    x = RNG.standard_normal((30, 8))
    graph = heads("boxes", "score")
    result = calibrated(graph, x, "auto")
    assert [v.name for v in result.outputs] == ["boxes", "score"]
    assert all(v.snr_db > 30 and v.levels > 100 for v in result.outputs)
    assert result.warnings == ()
    mean = np.mean([10 ** (-v.snr_db / 10) for v in result.outputs])
    assert result.errors[result.method] == pytest.approx(mean)


def test_few_levels_are_said() -> None:
    """One scale holds no boxes up to 200 and scores below 1; the output as a whole looks well."""
    result = calibrated(heads("both"), RNG.standard_normal((40, 8)))
    whole, boxes, score = result.outputs
    assert min(whole.snr_db, boxes.snr_db) > 30
    assert score.levels < 3
    (_, line) = score.warnings
    assert "output 'both[4:5] along axis 1 ('score')': its values span " in line
    assert "of 255 steps; most of the loss comes from 'score' (sigmoid)" in line
    assert result.warnings == tuple(score.warnings)


def test_the_layer_that_loses_most_is_named() -> None:
    """Of what lies between 0.001 and 1000, 255 equal steps hold the last two decades."""
    graph = parse_graph(
        """graph 'decades' {
          input %x:f32[1,8]
          %e:f32[1,8] = unary(%x) {function='Exp'} 'exp'
          %c:f32[1,8] = clip(%e) {clamp=Clamp(1e-3)} 'floor'
          %y:f32[1,8] = unary(%c) {function='Log'} 'log'
          output %y
        }""",
        op_records(),
    )
    result = calibrated(graph, RNG.uniform(-7, 7, (60, 8)))
    (quality,) = result.outputs
    assert quality.snr_db < LEAST_DB
    assert quality.cause in ("'exp' (exp)", "'floor' (clip)")
    assert result.warnings == tuple(quality.warnings)
    assert "less than 20; most of the loss comes from '" in result.warnings[0]


def test_an_input_of_unlike_numbers_is_named() -> None:
    """One column counts thousands, the other, which decides, hundredths."""
    graph = parse_graph(
        """graph 'units' {
          input %x:f32[1,2]
          %pick:f32[1,2] = const(0.0, 1.0)
          %y:f32[1,1] = dense(%x, %pick) 'pick'
          output %y
        }""",
        op_records(),
    )
    x = np.stack([RNG.uniform(-5000, 5000, 50), RNG.uniform(-0.01, 0.01, 50)], axis=1)
    (line, *_) = calibrated(graph, x).warnings
    assert "most of the loss comes from the steps of input 'x', one scale for all its values" in line


def test_a_constant_output_and_infinities_do_not_stand_in_the_way() -> None:
    """The logarithm of the steps that became 0 is infinite, and a constant has no layer that could lose it."""
    graph = parse_graph(
        """graph 'ends' {
          input %x:f32[1,8]
          %k:f32[1,8] = const(seed=4)
          %c:f32[1,8] = reshape(%k) {shape=(1, 8)} 'constant'
          %e:f32[1,8] = unary(%x) {function='Exp'} 'exp'
          %l:f32[1,8] = unary(%e) {function='Log'} 'log'
          %m:f32[1,8] = add(%l, %l) {sign=-1} 'nothing'
          %y:f32[1,8] = add(%m, %l) 'sum'
          output %c
          output %y
        }""",
        op_records(),
    )
    constant, quality = calibrated(graph, RNG.uniform(-9, 9, (40, 8))).outputs
    assert constant.cause is None
    assert quality.cause == "'exp' (exp)"


def test_suspicious_data_are_said() -> None:
    assert "single sample" in calibrated(heads("score"), RNG.standard_normal((1, 8))).warnings[0]
    same = np.broadcast_to(RNG.standard_normal((1, 8)), (5, 8))
    assert "all 5 samples are equal" in calibrated(heads("score"), same).warnings[0]


def test_a_good_output_is_no_warning() -> None:
    assert OutputQuality("y", LEAST_DB + 0.1, 32).warnings == []
