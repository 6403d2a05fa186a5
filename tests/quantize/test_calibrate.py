"""Calibration: what is observed, which method wins, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgewright.contracts import Contract
from edgewright.errors import UnsupportedError, UsageError
from edgewright.ir import AnyGraph, Graph, Quant, Value
from edgewright.ir.text import parse_graph, print_graph
from edgewright.ops import Op
from edgewright.pipeline import integer_form
from edgewright.quantize import (
    calibrate,
    in_model_order,
    observe,
    quantized_inputs,
    run_float,
    run_integer,
)
from edgewright.quantize.calibrate import JUDGED_SAMPLES, output_error
from edgewright.quantize.observe import Observer
from edgewright.quantize.ranges import METHODS, RANGES
from edgewright.quantize.samples import Samples
from tests.harness.graph_strategies import build_graph, inputs_of, op_records, quantized

RNG = np.random.default_rng(1)
TWO_LAYERS = """graph 'two' {
  input %x:f32[1,4]
  %w:f32[3,4] = const(seed=1)
  %v:f32[2,3] = const(seed=2)
  %h:f32[1,3] = dense(%x, %w) {clamp=Clamp(0.0)} 'hidden'
  %y:f32[1,2] = dense(%h, %v) 'last'
  %p:f32[1,2] = softmax(%y) {axis=1} 'softmax'
  output %p
}"""


def two_layers() -> Graph[Op]:
    return parse_graph(TWO_LAYERS, op_records())


def samples_of(x: np.ndarray) -> Samples:
    return Samples((x.astype(np.float32),), ((1, *x.shape[1:]),))


BELL = samples_of(RNG.standard_normal((60, 4)))
#: Most values are small, a few are large.
HEAVY = samples_of(RNG.laplace(0, 1, (300, 4)))


def test_every_activation_is_observed_over_all_samples() -> None:
    graph = two_layers()
    observers = observe(graph, BELL)
    assert {v.name for v in observers} == {"x", "h", "y", "p"}
    x = observers[graph.inputs[0]]
    assert (x.low, x.high) == (BELL.arrays[0].min(), BELL.arrays[0].max())
    assert x.counts.sum() == 60 * 4


@pytest.mark.parametrize("samples", [BELL, HEAVY], ids=["bell", "heavy tails"])
def test_the_method_with_the_least_error_wins(samples: Samples) -> None:
    graph = two_layers()
    result = calibrate(graph, samples, integer_form, "auto+nearest")
    assert list(result.errors) == list(METHODS)
    assert result.errors[result.method] == min(result.errors.values())
    assert result.weights is None
    assert result.samples == len(samples)
    errors = {name: whole_error(name, samples) for name in METHODS}
    assert errors[result.method] == min(errors.values()), "measured again by hand, without the softmax"


def whole_error(method: str, samples: Samples) -> float:
    """The output error of the model without its softmax, calibrated by one method."""
    graph = two_layers()
    graph.outputs = [graph.nodes[-1].operand(0)]
    graph.prune()
    wanted = [run_float(graph, sample) for sample in samples]
    calibrate(graph, samples, integer_form, method)
    return output_error(integer_form(graph), samples, wanted)


def test_no_method_is_judged_behind_a_final_softmax() -> None:
    """Both kinds saturate: what the rare classes do there would drown the rest."""
    logarithmic = parse_graph(TWO_LAYERS.replace("softmax(%y)", "log_softmax(%y)"), op_records())
    open_ended = two_layers()
    open_ended.outputs = [open_ended.nodes[-1].operand(0)]
    open_ended.prune()
    wanted = calibrate(open_ended, HEAVY, integer_form).errors
    assert calibrate(two_layers(), HEAVY, integer_form).errors == wanted
    assert calibrate(logarithmic, HEAVY, integer_form).errors == wanted


def test_methods_give_different_scales_on_heavy_tails() -> None:
    """Otherwise the choice between them tests nothing."""
    scales = set()
    for method in METHODS:
        graph = two_layers()
        calibrate(graph, HEAVY, integer_form, method)
        scales.add(tuple(v.quant for v in graph.values()))
    assert len(scales) > 1


def test_a_given_method_is_not_compared() -> None:
    graph = two_layers()
    result = calibrate(graph, BELL, integer_form, "percentile")
    assert (result.method, result.errors) == ("percentile", {})
    assert graph.outputs[0].quant == Quant(1 / 256, -128)


def test_calibration_repeats_and_leaves_the_graph_as_it_was() -> None:
    for method, rounds in (("auto", True), ("percentile+gptq", True), ("auto+nearest", False)):
        first, second = two_layers(), two_layers()
        assert calibrate(first, BELL, integer_form, method) == calibrate(second, BELL, integer_form, method)
        assert print_graph(first) == print_graph(second)
        for value in first.values():
            value.quant = None
        assert (print_graph(first) != print_graph(two_layers())) == rounds


def test_roundings_are_learned_from_one_half_and_judged_on_the_other() -> None:
    """What is recorded is the error on samples 1, 3, 5, ... of the model that samples 0, 2, 4, ... made."""
    graph = two_layers()
    result = calibrate(graph, BELL, integer_form)
    assert result.weights is not None
    assert list(result.weights.errors) == ["nearest", "bias", "gptq"]
    assert result.method == f"{min(result.errors, key=lambda name: result.errors[name])}+{result.weights.rounding}"
    held = BELL.every(2, 1)
    for end in (graph, wanting := two_layers()):
        end.outputs = [end.nodes[-1].operand(0)]
        end.prune()
    error = output_error(integer_form(graph), held, [run_float(wanting, sample) for sample in held])
    assert result.weights.errors[result.weights.rounding] == pytest.approx(error)
    assert error == pytest.approx(min(result.weights.errors.values()))
    again = calibrate(two_layers(), BELL, integer_form, result.method).weights
    assert again is not None
    assert again.errors == {str(result.weights.rounding): result.weights.errors[result.weights.rounding]}


def test_data_that_say_nothing_choose_nothing() -> None:
    few, many = samples_of(RNG.standard_normal((3, 4))), replace(BELL, representative=False)
    for data in (few, many):
        result = calibrate(two_layers(), data, integer_form)
        assert result.weights is None
        assert result.method in METHODS


def hidden_vanishes(seen: Observer) -> tuple[float, float]:
    """A range so small, for what comes out of the Relu, that the factor of the layer has no fixed-point form."""
    return (0.0, 1e-9) if seen.low == 0.0 else (seen.low, seen.high)


def test_a_method_whose_scales_fit_no_integers_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RANGES, "minmax", hidden_vanishes)
    result = calibrate(two_layers(), BELL, integer_form)
    assert list(result.errors) == ["percentile", "entropy", "mse"]
    assert result.method.partition("+")[0] in result.errors


def test_refused_when_no_method_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in METHODS:
        monkeypatch.setitem(RANGES, name, hidden_vanishes)
    with pytest.raises(UnsupportedError, match=r"'hidden' .* requantization factor"):
        calibrate(two_layers(), BELL, integer_form)


def test_an_unknown_method_is_refused_before_the_data_are_read() -> None:
    with pytest.raises(UsageError, match="max: none of auto, minmax, percentile, entropy, mse, wide"):
        calibrate(two_layers(), BELL, integer_form, "max")


def test_values_that_become_infinite_are_named() -> None:
    graph = parse_graph(
        """graph 'g' {
          input %x:f32[1,4]
          %e:f32[1,4] = unary(%x) {function='Exp'} 'exp'
          output %e
        }""",
        op_records(),
    )
    with pytest.raises(UsageError, match=r"calibration: 'e' becomes NaN or infinite"):
        observe(graph, samples_of(np.full((1, 4), 1000.0)))


def test_no_samples() -> None:
    with pytest.raises(UsageError, match="hold no samples"):
        observe(two_layers(), samples_of(np.zeros((0, 4))))


def test_output_error_is_relative_to_the_outputs_own_variance() -> None:
    graph = quantized(build_graph(["dense", "reshape"], 1))
    sample = inputs_of(graph)
    exact = [v.quant.dequantize(y) for v, y in zip(graph.outputs, outputs(graph, sample), strict=True) if v.quant]
    one = Samples((sample[0],), (sample[0].shape,))
    assert output_error(graph, one, [exact]) == 0.0
    spread = float(((exact[0] - exact[0].mean()) ** 2).sum())
    assert output_error(graph, one, [[exact[0] + 0.5]]) == pytest.approx(0.25 * exact[0].size / spread, rel=1e-3)


def outputs(graph: AnyGraph, sample: list[np.ndarray]) -> list[np.ndarray]:
    return run_integer(graph, quantized_inputs(graph, sample))


@given(st.permutations(range(4)))
def test_model_order_undoes_the_stored_order(perm: list[int]) -> None:
    data = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    np.testing.assert_array_equal(in_model_order(data.transpose(perm), perm), data)
    np.testing.assert_array_equal(in_model_order(data, None), data)


def test_inputs_are_stored_in_the_graphs_order() -> None:
    graph = Graph[Contract]("g", [Value("x", (1, 4, 4, 2), "int8", None, Quant(0.5, 1), model_perm=(0, 2, 3, 1))])
    sample = RNG.integers(-20, 20, (1, 2, 4, 4)).astype(np.float32)
    (stored,) = quantized_inputs(graph, [sample])
    assert stored.flags.c_contiguous
    np.testing.assert_array_equal(stored, (sample.transpose(0, 2, 3, 1) * 2 + 1).astype(np.int8))


@pytest.mark.parametrize(
    ("method", "passes"), [("minmax", 2), ("auto+nearest", 2 + 1 + 4), ("auto", 2 + 1 + 4 + 3 / 2)]
)
def test_progress_counts_every_run_and_ends_at_the_total(method: str, passes: float) -> None:
    """Two passes to observe; in "auto" one float run and one per method on top, then half of one per rounding."""
    seen: list[tuple[int, int]] = []
    calibrate(two_layers(), BELL, integer_form, method, lambda done, total: seen.append((done, total)))
    total = int(passes * len(BELL)) + JUDGED_SAMPLES
    assert seen == [(done, total) for done in range(1, total + 1)]
