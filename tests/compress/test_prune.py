"""Pruning: what it may cut, that the cut graph equals the masked one, and what it reports."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest

from edgewright.compress import METHODS, Amount, PruneReport, PruneResult
from edgewright.compress import prune as prune_to
from edgewright.compress.activations import Sample
from edgewright.compress.masks import check_cut, mask_channels
from edgewright.errors import MismatchError, UsageError
from edgewright.frontend import export_onnx
from edgewright.ir import Graph, Quant
from edgewright.ir.clone import clone
from edgewright.ops import Op
from edgewright.ops.activation import NO_CLAMP
from edgewright.ops.add import Add
from edgewright.ops.concat import Concat
from edgewright.ops.mul import Mul
from edgewright.ops.pool import MaxPool
from edgewright.ops.reduce import Reduce
from edgewright.ops.slice import Slice
from edgewright.ops.softmax import Softmax
from edgewright.ops.unary import Unary
from edgewright.ops.window import Window
from edgewright.passes.channel_cut import cut_channels, spared
from edgewright.passes.channel_rules import trace_channels
from edgewright.passes.channel_trace import BLOCKED
from edgewright.quantize import run_float
from tests.harness.float_graphs import RELU, Net, random_blocks, widths
from tests.harness.shared_models import float_graph, random_inputs, run_onnx, samples, shared_file


def prune(
    graph: Graph[Op],
    amount: float,
    method: str = "l1",
    *,
    round_to: int = 4,
    samples: Sequence[Sample] | None = None,
    refitting: bool = False,
) -> PruneResult:
    """A cut by a share of channels, without a refit, so that what is left is exactly what was there."""
    share = Amount("channels", amount)
    return prune_to(graph, share, method, round_to=round_to, samples=samples, refitting=refitting)


def classifier(width: int = 32) -> Graph[Op]:
    """Convolutions, a depthwise one, a residual block, pooling and two dense layers."""
    net = Net(1, 3, 8, 8)
    x = net.depthwise(net.conv(net.x, width, 3, pad=1))
    x = net.op(Add(RELU), x, net.conv(net.conv(x, width, 3, pad=1), width))
    x = net.op(MaxPool(Window((2, 2), (2, 2))), net.conv(x, 2 * width))
    return net.done(net.op(Softmax(1), net.dense(net.dense(net.flatten(x), width, RELU), 5)))


@pytest.mark.parametrize("method", ["l1", "l2", "taylor"])
def test_channels(method: str) -> None:
    graph = classifier()
    before = widths(graph)
    inputs = random_inputs(graph)
    outputs = run_float(graph, inputs)
    result = prune(graph, 0.5, method, samples=[random_inputs(graph, seed) for seed in range(3)])
    after = widths(result.graph)
    assert all(new < old and new % 4 == 0 for new, old in zip(after[:-1], before[:-1], strict=True))
    assert after[-1] == before[-1]
    assert after[0] == after[1] == after[3]
    assert result.report.achieved == pytest.approx(0.5, abs=0.1)
    assert result.report.cut_difference < 1e-5
    np.testing.assert_allclose(
        run_float(result.graph, inputs)[0], run_float(result.masked, inputs)[0], rtol=1e-4, atol=1e-5
    )
    # The graph that came in is as it was.
    assert widths(graph) == before
    np.testing.assert_array_equal(run_float(graph, inputs)[0], outputs[0])


def test_the_least_important_channels_go() -> None:
    """Channels of small weights in the layer that makes them, equally read."""
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 16)
    y = net.conv(a, 4)
    graph = net.done(y)
    small = [1, 4, 6, 15]
    weights, bias = net.parameters(a)
    weights[:] = np.sign(weights)
    bias[:] = 1.0
    weights[small] *= 0.01
    bias[small] *= 0.01
    net.parameters(y)[0][:] = 1.0
    for method in ("l1", "l2", "taylor"):
        result = prune(graph, 0.25, method, samples=[random_inputs(graph)])
        kept = np.delete(np.arange(16), small)
        np.testing.assert_array_equal(result.graph.nodes[0].operand(1).data, net.parameters(a)[0][kept])
        np.testing.assert_array_equal(result.graph.nodes[1].operand(1).data, net.parameters(y)[0][:, kept])


def test_measured_importance_sees_what_norms_do_not() -> None:
    """Channels of large weights that a clamp holds near zero."""
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 16)
    idle = [0, 3, 7, 8]
    net.parameters(a)[0][idle] *= 100
    net.parameters(a)[1][idle] = -1e6
    net.parameters(a)[1][idle] += 1e6 - 2500
    graph = net.done(net.conv(a, 4))
    result = prune(graph, 0.25, "taylor", samples=[random_inputs(graph, seed) for seed in range(4)])
    kept = np.delete(np.arange(16), idle)
    np.testing.assert_array_equal(result.graph.nodes[0].operand(1).data, net.parameters(a)[0][kept])


@pytest.mark.parametrize(("round_to", "amount"), [(1, 0.3), (2, 0.3), (8, 0.5), (16, 0.5)])
def test_round_to(round_to: int, amount: float) -> None:
    after = widths(prune(classifier(), amount, round_to=round_to).graph)
    assert all(width % round_to == 0 for width in after[:-1])


def test_odd_widths_become_multiples() -> None:
    net = Net(1, 3, 6, 6)
    graph = net.done(net.conv(net.conv(net.conv(net.x, 30), 17), 3))
    assert all(width % 4 == 0 for width in widths(prune(graph, 0.3).graph)[:-1])


def test_groups_and_multipliers_keep_multiples() -> None:
    """Two groups lose the same positions; a multiplier doubles what goes behind it."""
    net = Net(1, 4, 6, 6)
    a = net.conv(net.conv(net.x, 32), 32, groups=2)
    b = net.depthwise(net.conv(a, 16), multiplier=2)
    result = prune(net.done(net.conv(b, 4)), 0.5)
    after = widths(result.graph)
    assert all(width % 4 == 0 for width in after)
    assert after[3] == 2 * after[2]
    assert after[0] < 32
    assert after[1] < 32


def test_concatenation_and_slice() -> None:
    net = Net(1, 4, 6, 6)
    both = net.op(Concat(1), net.conv(net.x, 16), net.conv(net.x, 32))
    part = net.op(Slice((0, 8, 0, 0), (1, 1, 1, 1), (1, 24, 6, 6)), both)
    result = prune(net.done(net.conv(both, 4), net.conv(part, 4)), 0.5)
    assert widths(result.graph)[:2] < [16, 32]


def test_squeeze_and_excitation() -> None:
    net = Net(1, 4, 6, 6)
    a = net.conv(net.x, 32)
    gate = net.op(Unary("Sigmoid"), net.conv(net.conv(net.op(Reduce("mean", (2, 3)), a), 8), 32))
    after = widths(prune(net.done(net.conv(net.op(Mul(), a, gate), 4)), 0.5).graph)
    assert after[0] == after[2] < 32
    assert after[1] in (4, 8)


def test_magnitude() -> None:
    graph = classifier()
    result = prune(graph, 0.6, "magnitude")
    assert widths(result.graph) == widths(graph)
    assert result.report.achieved == pytest.approx(0.6, abs=0.01)
    for old, new in zip(graph.nodes, result.graph.nodes, strict=True):
        if len(old.inputs) == 3:
            before, after = old.operand(1).data, new.operand(1).data
            assert before is not None
            assert after is not None
            assert np.abs(before[after == 0]).max() <= np.abs(after[after != 0]).min()
            assert np.count_nonzero(after) > 0
            np.testing.assert_array_equal(after[after != 0], before[after != 0])
            np.testing.assert_array_equal(new.operand(2).data, old.operand(2).data)


def test_magnitude_leaves_something_of_every_layer() -> None:
    graph = classifier(8)
    for node in prune(graph, 0.999, "magnitude").graph.nodes:
        if len(node.inputs) == 3:
            weights = node.operand(1).data
            assert weights is not None
            assert np.count_nonzero(weights) >= 1


def test_dead_channels_go_first() -> None:
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 24)
    net.kill(a, *range(8))
    result = prune(net.done(net.conv(a, 4)), 0.25)
    assert result.report.dead_channels == 8
    assert widths(result.graph) == [12, 4]
    assert result.report.achieved == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"amount": 0.0}, "above 0 and below 1"),
        ({"amount": 1.0}, "above 0 and below 1"),
        ({"amount": float("nan")}, "above 0 and below 1"),
        ({"round_to": 0}, "1 or more"),
        ({"method": "l3"}, "must be one of obs, taylor, activation, bn, l1, l2, fpgm, random, lossless, magnitude"),
        ({"method": "taylor"}, "give --calib"),
        ({"amount": 0.01}, "less than a step of 4 channels"),
    ],
)
def test_bad_arguments(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        prune(classifier(8), **{"amount": 0.5, **arguments})  # type: ignore[arg-type]


def test_quantized_graph_is_refused() -> None:
    graph = classifier(8)
    graph.inputs[0].quant = Quant(0.1, 0)
    with pytest.raises(UsageError, match="prune the float model"):
        prune(graph, 0.5)


def test_graph_without_anything_to_cut() -> None:
    net = Net(1, 3, 6, 6)
    with pytest.raises(UsageError, match="no channel can be cut"):
        prune(net.done(net.conv(net.x, 8)), 0.5)


@pytest.mark.parametrize(
    ("method", "message"), [("l1", "no channel can be cut"), ("magnitude", "no layer with weights")]
)
def test_graph_without_layers(method: str, message: str) -> None:
    net = Net(1, 3, 6, 6)
    with pytest.raises(UsageError, match=message):
        prune(net.done(net.op(Unary("Tanh"), net.x)), 0.5, method)


def test_a_wrong_cut_is_found() -> None:
    graph = classifier(8)
    wrong = clone(graph)
    node = wrong.nodes[0]
    bias = node.operand(2)
    node.inputs[2] = clone(graph).nodes[0].operand(2)
    assert bias.data is not None
    node.operand(2).data = bias.data + np.float32(0.01)
    with pytest.raises(MismatchError, match="differs from the masked one"):
        check_cut(wrong, graph, [random_inputs(graph)])
    assert check_cut(clone(graph), graph, [random_inputs(graph)]) == 0.0


def test_report() -> None:
    document = prune(classifier(), 0.5).report.to_json()
    totals = document["totals"]
    assert document["method"] == "l1"
    assert document["round_to"] == 4
    for kind in ("parameters", "macs", "channels", "weights", "zero_weights"):
        for when in ("before", "after"):
            assert totals[f"{kind}_{when}"] == sum(layer[f"{kind}_{when}"] for layer in document["layers"])
    assert totals["macs_after"] < totals["macs_before"]
    first = document["layers"][0]
    assert (first["op"], first["channels_before"], first["parameters_before"], first["macs_before"]) == (
        *("conv", 32), 32 * 28, 32 * 27 * 64,
    )  # fmt: skip


def test_same_again() -> None:
    first, second = (export_onnx(prune(classifier(), 0.5, m, samples=SAMPLES).graph) for m in ("taylor", "taylor"))
    assert first.SerializeToString(deterministic=True) == second.SerializeToString(deterministic=True)


SAMPLES = [random_inputs(classifier(), seed) for seed in range(2)]


@pytest.mark.parametrize("seed", range(60))
def test_any_cut_equals_its_mask(seed: int) -> None:
    """Whatever groups are cut from a random graph, masking them gives the same."""
    rng = np.random.default_rng(seed)
    net = Net(1, 4, 6, 6, seed=seed)
    graph = net.done(net.dense(net.flatten(random_blocks(net, 5, rng)), 3))
    trace = trace_channels(graph)
    removed = rng.random(trace.size) < 0.5
    removed[BLOCKED] = False
    removed = spared(trace, removed)
    masked = clone(graph)
    mask_channels(trace_channels(masked), removed)
    cut_channels(trace, removed)
    assert check_cut(graph, masked, [random_inputs(graph)]) < 1e-5


#: Folder, data, and the largest share of multiply-accumulates that a cut of 0.3 may leave.
MODELS = {
    "mlperf_kws_dscnn": "data.npz",
    "mlperf_ic_resnet8": "data_lossless.npz",
    "mlperf_vww_mbv1": "data.npz",
    "mlperf_sww_1dcnn": "data.npz",
    "mlperf_ad_autoencoder": "data.npz",
    "ppocr_cls_mobile": "data.npz",
    "ulface_slim320": "data.npz",
    "zoo_mnist8": "data.npz",
    "sinian_ad": "data.npz",
    "espdl_streaming": "data.npz",
    "espdl_mnist_mlp": "data.npz",
}


@pytest.mark.parametrize("folder", MODELS)
def test_model(folder: str, tmp_path: Path) -> None:
    """A cut of 0.3 saves more than 0.28 of the work, and ONNX Runtime runs what comes out as we do."""
    data = samples(folder, MODELS[folder], 2)
    graph = float_graph(shared_file(folder, "model.onnx"))
    result = prune(graph, 0.3, samples=data)
    assert result.report.after.macs < 0.72 * result.report.before.macs
    assert result.report.achieved == pytest.approx(0.3, abs=0.04)
    model = export_onnx(result.graph)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, tmp_path / "pruned.onnx")
    again = float_graph(tmp_path / "pruned.onnx")
    assert [v.shape for v in again.outputs] == [v.shape for v in graph.outputs]
    for ours, theirs in zip(run_float(again, data[0]), run_onnx(model, data[0]), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("method", [method for method in METHODS if method != "lossless"])
def test_every_method_on_a_model(method: str) -> None:
    data = samples("mlperf_kws_dscnn", "data.npz", 2)
    report: PruneReport = prune(
        float_graph(shared_file("mlperf_kws_dscnn", "model.onnx")), 0.3, method, samples=data
    ).report
    assert report.achieved == pytest.approx(0.3, abs=0.03)


def test_sigmoid_heads_raise_no_alarm() -> None:
    """Outputs near zero, where float32 noise is large beside the output and nothing is wrong."""
    net = Net(1, 3, 8, 8)
    x = net.conv(net.conv(net.x, 32, 3, pad=1), 32, 3, pad=1)
    heads = [net.conv(x, 4, clamp=NO_CLAMP) for _ in range(2)]
    for head in heads:
        weights, bias = net.parameters(head)
        weights *= 0.01
        bias[:] = -12.0
    scores = [net.op(Unary("Sigmoid"), head) for head in heads]
    graph = net.done(net.op(Concat(1), *scores), net.conv(x, 6, clamp=NO_CLAMP))
    result = prune(graph, 0.3, samples=[random_inputs(graph, seed) for seed in range(8)])
    assert result.report.cut_difference < 1e-6
