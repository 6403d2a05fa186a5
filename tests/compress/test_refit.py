"""Refitting: what is redundant comes back to float precision, through every kind of layer."""

import numpy as np
import pytest

from edgewright.compress import Amount, Pruner, prune
from edgewright.compress.activations import Sample, run_all
from edgewright.compress.pruning import PruneResult
from edgewright.compress.quality import snr_db
from edgewright.compress.ridge import Ridge, choose_strength
from edgewright.compress.rows import picked_rows, row_form
from edgewright.compress.softmax_fit import fit_probabilities, softmax
from edgewright.ir import Graph, Value
from edgewright.ops import Op
from edgewright.ops.activation import NO_CLAMP, Clamp
from edgewright.ops.add import Add
from edgewright.ops.concat import Concat
from edgewright.ops.conv import Conv
from edgewright.ops.conv_transpose import ConvTranspose
from edgewright.ops.mul import Mul
from edgewright.ops.reduce import Reduce
from edgewright.ops.softmax import Softmax
from edgewright.ops.unary import Unary
from edgewright.ops.window import Window
from tests.harness.float_graphs import RELU, Net
from tests.harness.shared_models import float_graph, random_inputs, shared_file
from tests.harness.shared_models import samples as shared_samples


def many(graph: Graph[Op], count: int = 48) -> list[Sample]:
    return [random_inputs(graph, seed) for seed in range(count)]


def repeat(net: Net, value: Value, pairs: dict[int, int], factor: float = 1.0) -> None:
    """Let channels of a layer be `factor` times others: {channel: the one it repeats}."""
    weights, bias = net.parameters(value)
    for copy, source in pairs.items():
        weights[copy] = factor * weights[source]
        bias[copy] = factor * bias[source]


PAIRS = {8: 0, 9: 1, 10: 2, 11: 3, 12: 4, 13: 5, 14: 6, 15: 7}


def plain(net: Net) -> Graph[Op]:
    a = net.conv(net.x, 16, 3, pad=1)
    repeat(net, a, PAIRS, 3.0)
    return net.done(net.conv(a, 5, 3, pad=1, clamp=NO_CLAMP))


def depthwise(net: Net) -> Graph[Op]:
    """Copies of half the size, whose depthwise kernels are alike."""
    a = net.conv(net.x, 16)
    repeat(net, a, PAIRS, 0.5)
    b = net.depthwise(a, clamp=NO_CLAMP)
    weights, bias = net.parameters(b)
    weights[8:] = weights[:8]
    bias[8:] = 0.5 * bias[:8]
    return net.done(net.conv(b, 5, clamp=NO_CLAMP))


def residual(net: Net) -> Graph[Op]:
    a = net.conv(net.x, 16, clamp=NO_CLAMP)
    b = net.conv(a, 16, clamp=NO_CLAMP)
    for layer in (a, b):
        repeat(net, layer, PAIRS, 2.0)
    return net.done(net.conv(net.op(Add(RELU), b, a), 5, clamp=NO_CLAMP))


def concat(net: Net) -> Graph[Op]:
    a, b = net.conv(net.x, 16), net.conv(net.x, 8)
    repeat(net, a, PAIRS, 2.0)
    return net.done(net.conv(net.op(Concat(1), b, a), 5, clamp=NO_CLAMP))


def squeeze_and_excitation(net: Net) -> Graph[Op]:
    a = net.conv(net.x, 16)
    repeat(net, a, PAIRS, 2.0)
    squeezed = net.conv(net.op(Reduce("mean", (2, 3)), a), 4, clamp=NO_CLAMP)
    excited = net.conv(squeezed, 16, clamp=NO_CLAMP)
    repeat(net, excited, PAIRS)
    return net.done(net.conv(net.op(Mul(), a, net.op(Unary("Sigmoid"), excited)), 5, clamp=NO_CLAMP))


def transposed(net: Net) -> Graph[Op]:
    a = net.conv(net.x, 16)
    repeat(net, a, PAIRS, 2.0)
    op = ConvTranspose(Window((3, 3), (2, 2), pads=(1, 1, 1, 1)), extra=(1, 1))
    return net.done(net.op(op, a, net.constant(16, 5, 3, 3), net.constant(5)))


def flattened(net: Net) -> Graph[Op]:
    a = net.conv(net.x, 16, 3)
    repeat(net, a, PAIRS, 2.0)
    return net.done(net.dense(net.flatten(a), 5))


def without_copies(graph: Graph[Op], refitting: bool = True) -> PruneResult:
    """The network without the channels that repeat others."""
    pruner = Pruner(graph, "l1", samples=many(graph, 400))
    (family,) = [family for family in pruner.selection.families if len(family.groups) == 16]
    removed = np.zeros(pruner.selection.labels, dtype=bool)
    removed[family.groups[list(PAIRS)]] = True
    return pruner.cut(removed, "the copies", refitting)


@pytest.mark.parametrize(
    "build",
    [plain, depthwise, residual, concat, squeeze_and_excitation, transposed, flattened],
    ids=lambda f: f.__name__,
)
def test_what_is_redundant_comes_back(build: object) -> None:
    """Half of the channels repeat others; without them, other inputs give the same to float precision."""
    graph = build(Net(1, 3, 6, 6))  # type: ignore[operator]
    others = [random_inputs(graph, 1000 + seed) for seed in range(8)]
    (wanted,) = run_all(graph, others)
    cut, fitted = without_copies(graph, refitting=False), without_copies(graph)
    assert snr_db(wanted, run_all(cut.graph, others)[0]) < 20
    assert snr_db(wanted, run_all(fitted.graph, others)[0]) > 75
    assert fitted.report.after.macs < 0.8 * fitted.report.before.macs


def test_what_a_clamp_hides_is_free() -> None:
    """Two fits to what Relu leaves of the output: the one that may move hidden targets is nearer."""
    seen = {}
    for clamp in (RELU, NO_CLAMP):
        net = Net(1, 8, 8, 8)
        y = net.conv(net.conv(net.x, 16), 32, clamp=clamp)
        net.parameters(y)[1][:] = -8.0  # most of it is hidden
        graph = net.done(y)
        others = [random_inputs(graph, 500 + seed) for seed in range(8)]
        pruner = Pruner(graph, "l1", samples=many(graph))
        result = pruner.cut(pruner.selection.select_in_family(0, 2), "2 of 16", True)
        wanted, got = (np.maximum(run_all(g, others)[0], 0.0) for g in (graph, result.graph))
        seen[clamp] = snr_db(wanted, got)
    assert seen[RELU] > seen[NO_CLAMP] + 0.5


def test_layers_before_the_cut_stay_as_they_are() -> None:
    net = Net(1, 3, 6, 6)
    first = net.conv(net.x, 8)
    second = net.conv(first, 16)
    graph = net.done(net.conv(second, 4))
    pruner = Pruner(graph, "obs", samples=many(graph))
    result = pruner.cut(pruner.selection.select_in_family(1, 8), "half of the second", True)
    assert result.report.refitted_layers == 1
    assert result.graph.nodes[0].operand(1).data is net.parameters(first)[0]


def test_shared_weights_stay_shared() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.conv(net.x, 16), 4)
    w, bias = net.constant(4, 4, 1, 1), net.constant(4)
    op = Conv(Window((1, 1)))
    graph = net.done(net.op(op, a, w, bias), net.op(op, net.op(Mul(), a, a), w, bias))
    result = prune(graph, Amount("channels", 0.3), samples=many(graph))
    assert result.report.refitted_layers == 1
    assert result.graph.nodes[-1].operand(1) is result.graph.nodes[-3].operand(1)


def test_a_layer_without_bias_gets_one() -> None:
    """The mean of what is missing."""
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 16)
    graph = net.done(net.op(Conv(Window((1, 1))), a, net.constant(4, 16, 1, 1)))
    result = prune(graph, Amount("channels", 0.5), samples=many(graph))
    assert len(result.graph.nodes[-1].inputs) == 3
    result.graph.verify()


def test_fewer_rows_than_columns() -> None:
    """The dual form gives what the primal one gives."""
    rng = np.random.default_rng(0)
    x, y, start = (rng.standard_normal(shape) for shape in ((2, 9, 30), (2, 9, 4), (2, 4, 30)))
    centred = x - x.mean(axis=1, keepdims=True)
    unit = np.square(centred).mean(axis=(1, 2))
    for group in range(2):
        gram = centred[group].T @ centred[group] / 9 + 0.1 * unit[group] * np.eye(30)
        rest = (y[group] - y[group].mean(axis=0)) - centred[group] @ start[group].T
        wanted = start[group] + np.linalg.solve(gram, centred[group].T @ rest / 9).T
        np.testing.assert_allclose(Ridge(x).weights(y, start, 0.1)[group], wanted, atol=1e-9)


def test_noise_asks_for_more_strength_than_exact_data() -> None:
    rng = np.random.default_rng(0)
    x, start = rng.standard_normal((1, 40, 16)), np.zeros((1, 3, 16))
    exact = x @ rng.standard_normal((1, 16, 3))
    noise = rng.standard_normal(exact.shape)
    assert choose_strength(x, exact, start) <= 1e-6
    assert choose_strength(x, noise, start) >= 1.0


@pytest.mark.parametrize(
    "op",
    [
        Conv(Window((3, 2), (2, 1), (1, 2), (1, 0, 2, 1)), groups=2),
        Conv(Window((3, 3), pads=(1, 1, 1, 1)), groups=4, clamp=Clamp(0.0)),
        ConvTranspose(Window((3, 2), (2, 3), (1, 1), (1, 0, 1, 1)), extra=(1, 0), groups=2),
        ConvTranspose(Window((2, 2), (2, 2)), groups=1),
    ],
    ids=lambda op: f"{op.mnemonic}-{op.groups}",
)
def test_rows_times_weights_are_the_layer(op: Conv | ConvTranspose) -> None:
    net = Net(1, 4, 7, 6)
    shape = (8, 4 // op.groups) if isinstance(op, Conv) else (4, 8 // op.groups)
    y = net.op(op, net.x, net.constant(*shape, *op.window.kernel), net.constant(8))
    graph = net.done(y)
    form = row_form(graph.nodes[0])
    assert form is not None
    x = np.stack([random_inputs(graph, seed)[0] for seed in range(3)])
    (wanted,) = run_all(graph, [[sample] for sample in x])
    picked = picked_rows(form, 3, 0)
    got = form.inputs(x, picked) @ form.weights().transpose(0, 2, 1) + form.bias()[:, None]
    clamped = op.clamp.apply(got)
    np.testing.assert_allclose(clamped, form.channels(wanted, picked), rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(form.data(form.weights()), graph.nodes[0].operand(1).data)


def test_the_same_again() -> None:
    graph = plain(Net(1, 3, 6, 6))
    first, second = (prune(graph, Amount("channels", 0.4), samples=many(graph)).graph for _ in range(2))
    for a, b in zip(first.nodes, second.nodes, strict=True):
        np.testing.assert_array_equal(a.operand(1).data, b.operand(1).data)


@pytest.mark.slow
def test_keyword_spotter_keeps_its_words() -> None:
    """Cut to 60 % of the work, calibrated on one half of the data and judged on the other."""
    data = np.load(shared_file("mlperf_kws_dscnn", "data.npz"))
    inputs, labels = shared_samples("mlperf_kws_dscnn", "data.npz", 500), data["y"][:500]
    graph = float_graph(shared_file("mlperf_kws_dscnn", "model.onnx"))
    pruner = Pruner(graph, samples=inputs[0:200:2])
    sizes = pruner.selection.sizes
    target = 0.6 * sizes.macs(np.zeros(pruner.selection.labels, dtype=bool))
    result = pruner.prune(Amount("macs", target))
    assert result.report.after.macs <= target
    (outputs,) = run_all(result.graph, inputs[1::2])
    assert (outputs.reshape(250, -1).argmax(axis=1) == labels[1::2]).mean() > 0.84


def test_probabilities_count_behind_a_final_softmax() -> None:
    """They are nearer to the original's than where logits are the end and are fitted for their own sake."""
    apart = {}
    for ends_in_softmax in (True, False):
        net = Net(1, 12)
        logits = net.dense(net.dense(net.dense(net.x, 24, RELU), 24, RELU), 6)
        graph = net.done(net.op(Softmax(1), logits) if ends_in_softmax else logits)
        pruner = Pruner(graph, "obs", samples=many(graph, 400))
        result = pruner.cut(pruner.selection.select_in_family(1, 18), "", True)
        others = [random_inputs(graph, 5000 + seed) for seed in range(400)]
        ends = [run_all(g, others)[0].astype(np.float64) for g in (graph, result.graph)]
        before, after = ends if ends_in_softmax else map(softmax, ends)
        apart[ends_in_softmax] = -float((before * np.log(np.maximum(after, 1e-30))).mean())
    assert apart[True] < 0.9 * apart[False]


def test_probabilities_are_met_where_they_can_be() -> None:
    rng = np.random.default_rng(0)
    x, weights, bias = (rng.standard_normal(shape) for shape in ((300, 8), (4, 8), (4,)))
    logits = x @ weights.T + bias
    found, offset = fit_probabilities(x, logits, weights + 0.3 * rng.standard_normal((4, 8)), bias)
    np.testing.assert_allclose(softmax(x @ found.T + offset), softmax(logits), atol=0.01)
    few = fit_probabilities(x[:3], logits[:3], weights, bias)
    assert few[0] is weights
