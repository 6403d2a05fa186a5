"""Networks rounded layer by layer: what is written where, and that each repair repairs."""

from collections.abc import Mapping

import numpy as np
import pytest

from edgewright.ir import Graph
from edgewright.ir.clone import clone
from edgewright.ir.text import parse_graph
from edgewright.ops import Op
from edgewright.pipeline import integer_form
from edgewright.quantize import annotate, observe, run_float
from edgewright.quantize.calibrate import output_error
from edgewright.quantize.rounding.layer import free_layers
from edgewright.quantize.rounding.network import RoundedActivations, each_alone, round_weights
from edgewright.quantize.rounding.recipe import Rounding
from edgewright.quantize.samples import Samples
from tests.harness.graph_strategies import op_records

RNG = np.random.default_rng(3)
WINDOW = "window=Window((3, 3), (1, 1), (1, 1), (1, 1, 1, 1))"
#: A first convolution, a depthwise and a grouped one, a branch that is added, and a fully connected layer.
NETWORK = f"""graph 'net' {{
  input %x:f32[1,3,8,8]
  %w0:f32[8,3,3,3] = const(seed=1)
  %b0:f32[8] = const(seed=2)
  %w1:f32[8,1,3,3] = const(seed=3)
  %w2:f32[8,4,3,3] = const(seed=4)
  %w3:f32[8,8,1,1] = const(seed=5)
  %w4:f32[5,8] = const(seed=6)
  %b4:f32[5] = const(seed=7)
  %a:f32[1,8,8,8] = conv(%x, %w0, %b0) {{{WINDOW}, clamp=Clamp(0.0)}} 'first'
  %d:f32[1,8,8,8] = conv(%a, %w1) {{{WINDOW}, groups=8, clamp=Clamp(0.0, 6.0)}} 'depthwise'
  %g:f32[1,8,8,8] = conv(%d, %w2) {{{WINDOW}, groups=2}} 'grouped'
  %s:f32[1,8,8,8] = conv(%a, %w3) {{window=Window((1, 1))}} 'branch'
  %t:f32[1,8,8,8] = add(%g, %s) {{clamp=Clamp(0.0)}} 'add'
  %p:f32[1,8,1,1] = average_pool(%t) {{window=Window((8, 8))}} 'pool'
  %r:f32[1,8] = reshape(%p) {{shape=(1, 8)}} 'flat'
  %y:f32[1,5] = dense(%r, %w4, %b4) 'last'
  output %y
}}"""
LAYERS = {0: "first", 1: "depthwise", 2: "grouped", 3: "branch", 7: "last"}
FOUR = dict.fromkeys(LAYERS, 4)


def network() -> Graph[Op]:
    return parse_graph(NETWORK, op_records())


def some(count: int, seed: int) -> Samples:
    """Smooth images, so that neighbours are correlated as in nature."""
    noise = np.random.default_rng(seed).standard_normal((count, 3, 10, 10))
    smooth = sum(noise[:, :, i : i + 8, j : j + 8] for i in range(3) for j in range(3))
    return Samples((np.asarray(smooth, np.float32),), ((1, 3, 8, 8),))


LEARN, HELD = some(24, 1), some(24, 2)


def annotated(graph: Graph[Op]) -> Graph[Op]:
    twin = clone(graph)
    annotate(twin, observe(twin, LEARN))
    return twin


def rounded(rounding: Rounding, widths: Mapping[int, int]) -> Graph[Op]:
    graph = network()
    twin = annotated(graph)
    round_weights(graph, twin, list(LEARN), rounding, widths)
    return twin


def error(twin: Graph[Op]) -> float:
    """On samples that nothing was learned from, relative to the output's variance."""
    return output_error(integer_form(twin), HELD, [run_float(network(), sample) for sample in HELD])


def test_every_kind_of_layer_takes_four_bits() -> None:
    twin = rounded(Rounding.GPTQ, FOUR)
    weights = [node.op.weights for node in integer_form(twin).nodes if hasattr(node.op, "weights")]
    assert len(weights) == len(LAYERS)
    for shift_free in weights:
        most = int(np.abs(shift_free).max())
        assert most in (7, 14, 28, 56), "7, or 7 with the left shift of the layer in it"
        assert len(np.unique(shift_free)) <= 15
    assert free_layers(twin) == {}, "what has been rounded has scales of its own"


def test_each_rounding_loses_less_than_the_one_before() -> None:
    errors = {rounding: error(rounded(rounding, FOUR)) for rounding in Rounding}
    assert errors[Rounding.BIAS] < 0.7 * errors[Rounding.NEAREST]
    assert errors[Rounding.GPTQ] < 0.7 * errors[Rounding.BIAS]
    assert errors[Rounding.REFIT] < errors[Rounding.GPTQ]


def test_fewer_bits_lose_more() -> None:
    errors = [error(rounded(Rounding.GPTQ, dict.fromkeys(LAYERS, bits))) for bits in (3, 4, 6)]
    assert errors[0] > 2 * errors[1] > 4 * errors[2]


def test_bytes_keep_their_weights_and_take_a_bias() -> None:
    graph, twin = network(), rounded(Rounding.BIAS, {2: 4})
    for index in LAYERS:
        before, after = graph.nodes[index], twin.nodes[index]
        assert after.operand(2).data is not None
        kept = index != 2
        assert (after.operand(1).weight_scales is None) == kept
        assert np.array_equal(after.operand(1).data, before.operand(1).data) == kept  # type: ignore[arg-type]
    assert error(twin) < error(rounded(Rounding.NEAREST, {2: 4}))


def test_the_mean_of_every_layer_is_what_it_was() -> None:
    """Before its clamp, on the samples that were learned from, to half a step of the output."""
    graph, twin = network(), rounded(Rounding.BIAS, dict.fromkeys(LAYERS, 3))
    index = 2  # nothing is clamped there, and what is added to it takes on nothing of it
    before, after = RoundedActivations(graph, list(LEARN)), RoundedActivations(twin, list(LEARN))
    for node, other in zip(graph.nodes[: index + 1], twin.nodes[: index + 1], strict=True):
        before.step(node)
        after.step(other)
    output = twin.nodes[index].output
    assert output.quant is not None
    means = [v.mean(axis=(0, 1, 3, 4)) for v in (before[graph.nodes[index].output], after[output])]
    np.testing.assert_allclose(means[1], means[0], atol=output.quant.scale / 2)


def test_the_later_branch_takes_on_what_the_other_lacks() -> None:
    """'branch' is the later of the two: with the other in 3 bits, its bias makes the sum right again."""
    graph, twin = network(), annotated(network())
    coarse = twin.nodes[2].operand(1)
    assert coarse.data is not None
    coarse.data = coarse.data * np.float32(0.8)
    round_weights(graph, twin, list(LEARN), Rounding.BIAS, {})
    add = next(index for index, node in enumerate(graph.nodes) if node.name == "add")
    before, after = RoundedActivations(graph, list(LEARN)), RoundedActivations(twin, list(LEARN))
    for node, other in zip(graph.nodes[:add], twin.nodes[:add], strict=True):
        before.step(node)
        after.step(other)
    sums = [
        sum(run[v].mean(axis=(0, 1, 3, 4)) for v in g.nodes[add].inputs if v is not None)
        for run, g in ((before, graph), (after, twin))
    ]
    np.testing.assert_allclose(sums[1], sums[0], atol=0.05 * float(np.abs(sums[0]).max()))


def test_weights_that_bring_scales_are_left_alone() -> None:
    graph = network()
    own = graph.nodes[2].operand(1)
    own.weight_scales = np.full(8, 0.1)
    twin = annotated(graph)
    assert sorted(free_layers(twin)) == [0, 1, 3, 7]
    round_weights(graph, twin, list(LEARN), Rounding.GPTQ, FOUR)
    np.testing.assert_array_equal(twin.nodes[2].operand(1).weight_scales, own.weight_scales)
    assert len(twin.nodes[2].inputs) == len(graph.nodes[2].inputs)


def test_each_alone_is_rounded_on_clean_inputs() -> None:
    graph = network()
    twin = annotated(graph)
    found = each_alone(graph, free_layers(twin), list(LEARN), 4)
    assert sorted(found) == sorted(LAYERS)
    integers, bias = found[7]
    assert integers.q.shape == (1, 5, 8)
    assert np.abs(integers.q).max() <= 7
    assert bias.shape == (1, 5)


def test_the_original_stays_as_it_was() -> None:
    graph = network()
    before = [v.data.copy() for v in graph.values() if v.data is not None]
    round_weights(graph, annotated(graph), list(LEARN), Rounding.REFIT, FOUR)
    after = [v.data for v in graph.values() if v.data is not None]
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a is not b


@pytest.mark.parametrize("rounding", [Rounding.BIAS, Rounding.REFIT])
def test_the_same_twice(rounding: Rounding) -> None:
    first, second = rounded(rounding, FOUR), rounded(rounding, FOUR)
    for a, b in zip(first.nodes, second.nodes, strict=True):
        for v, w in zip(a.inputs, b.inputs, strict=True):
            if v is not None and w is not None and v.data is not None:
                np.testing.assert_array_equal(v.data, w.data)
