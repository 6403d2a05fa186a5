"""What pruning cost: judged on outputs by outputs, and a ruined model is an error."""

import numpy as np
import pytest

from edgewright.compress import Amount, Pruner, prune
from edgewright.compress.activations import Sample
from edgewright.compress.quality import MOST_DB, Judge, Quality, check_quality, snr_db
from edgewright.compress.search import prune_within, sensitivity
from edgewright.errors import AccuracyError, UsageError
from edgewright.ir import Graph
from edgewright.ir.clone import clone
from edgewright.ops import Op
from edgewright.ops.reduce import Reduce
from edgewright.ops.softmax import Softmax
from tests.harness.float_graphs import RELU, Net
from tests.harness.shared_models import random_inputs


def classifier() -> Graph[Op]:
    net = Net(1, 3, 8, 8)
    x = net.conv(net.conv(net.x, 16, 3, pad=1), 24)
    return net.done(net.op(Softmax(1), net.dense(net.dense(net.flatten(x), 16, RELU), 5)))


def some(graph: Graph[Op], count: int, first: int = 0) -> list[Sample]:
    return [random_inputs(graph, first + seed) for seed in range(count)]


def labels_of(graph: Graph[Op], samples: list[Sample], wrong: int = 0) -> list[int]:
    """What the model says, but for the first `wrong`."""
    quality = Judge(graph, samples)
    tops = quality._before[0].reshape(len(samples), -1).argmax(axis=1)
    tops[:wrong] = (tops[:wrong] + 1) % 5
    found: list[int] = tops.tolist()
    return found


def test_the_same_model_lost_nothing() -> None:
    graph = classifier()
    samples = some(graph, 20)
    quality = Judge(graph, samples, labels_of(graph, samples, wrong=5))(clone(graph))
    assert quality.accuracy == (0.75, 0.75)
    assert (quality.agreement, quality.drop) == (1.0, 0.0)
    assert set(quality.snr_db.values()) == {MOST_DB}
    check_quality("model", quality, 0.0, "")


def test_a_ruined_classifier_is_an_error() -> None:
    graph = classifier()
    samples = some(graph, 40)
    ruined = prune(graph, Amount("channels", 0.7), "l1").graph
    for labels in (None, labels_of(graph, samples)):
        quality = Judge(graph, samples, labels)(ruined)
        assert quality.drop > 10
        assert (quality.accuracy is None) == (labels is None)
        with pytest.raises(AccuracyError, match=r"model: not written: .* 40 held-out samples, .* 10 allowed; ask"):
            check_quality("model", quality, 10.0, "ask for less")
        check_quality("model", quality, 100.0, "")


def test_what_is_no_classifier_is_judged_by_its_worst_output() -> None:
    net = Net(1, 3, 8, 8)
    a, b = net.conv(net.x, 16, 3), net.conv(net.x, 16, 3)
    graph = net.done(net.conv(a, 3), net.conv(b, 2))
    pruner = Pruner(graph, "l1")
    quality = Judge(graph, some(graph, 10))(pruner.cut(pruner.selection.select_in_family(1, 12), "").graph)
    first, second = quality.snr_db.values()
    assert (first, quality.agreement) == (MOST_DB, None)
    assert second < 10
    assert quality.drop == pytest.approx(100 * 10 ** (-second / 10))
    with pytest.raises(AccuracyError, match=f"output '{graph.outputs[1].name}' keeps"):
        check_quality("model", quality, 10.0, "ask for less")


def test_signal_is_what_varies_over_the_samples() -> None:
    """A constant part of the output is no signal."""
    rng = np.random.default_rng(0)
    wanted = rng.standard_normal((2000, 4)) + 100.0
    noisy = wanted + 0.1 * rng.standard_normal(wanted.shape)
    assert snr_db(wanted, noisy) == pytest.approx(20.0, abs=0.3)


def test_labels_of_another_model() -> None:
    graph = classifier()
    with pytest.raises(UsageError, match="label 7, the model has 5 outputs"):
        Judge(graph, some(graph, 3), [0, 7, 1])


def test_nothing_to_judge_on() -> None:
    with pytest.raises(UsageError, match="no samples are left to judge on"):
        Judge(classifier(), [])


def test_bisection_ends_within_the_limit_and_takes_what_it_can() -> None:
    net = Net(1, 3, 8, 8)
    a = net.conv(net.x, 16, 3, pad=1)
    weights, bias = net.parameters(a)
    weights[8:], bias[8:] = weights[:8], bias[:8]
    pooled = net.op(Reduce("mean", (2, 3)), net.conv(a, 24, 3))
    graph = net.done(net.op(Softmax(1), net.dense(net.flatten(pooled), 5)))
    pruner, judge = Pruner(graph, samples=some(graph, 200)), Judge(graph, some(graph, 100, 5000))
    removed = []
    for limit in (1.0, 30.0):
        result, quality = prune_within(pruner, judge, limit, refitting=True)
        assert quality.drop <= limit
        assert judge(result.graph) == quality
        removed.append(result.report.achieved)
    assert 0 < removed[0] < removed[1]


def test_bisection_turns_back_where_no_more_can_go() -> None:
    """Every layer keeps a floor: four steps of four channels cannot all go, whatever the limit."""
    net = Net(1, 3, 6, 6)
    graph = net.done(net.conv(net.conv(net.x, 16), 4, 3))
    pruner, judge = Pruner(graph, samples=some(graph, 20)), Judge(graph, some(graph, 20, 5000))
    result, _ = prune_within(pruner, judge, 1e9, refitting=False)
    assert result.report.achieved == 0.75


def test_what_is_no_number_is_no_pass() -> None:
    with pytest.raises(AccuracyError):
        check_quality("model", Quality(3, (0.9, float("nan")), None, {"y": 1.0}), 10.0, "")


def test_bisection_that_finds_nothing() -> None:
    graph = classifier()
    pruner, judge = Pruner(graph, "random"), Judge(graph, some(graph, 50))
    with pytest.raises(AccuracyError, match=r"no cut loses at most 0 points: at the least, .* keep their class"):
        prune_within(pruner, judge, 0.0, refitting=False)


def test_sensitivity_cuts_one_family_at_a_time() -> None:
    graph = classifier()
    pruner, judge = Pruner(graph, samples=some(graph, 50)), Judge(graph, some(graph, 50, 5000))
    steps: list[tuple[int, int]] = []
    found = sensitivity(pruner, judge, refitting=False, progress=lambda done, total: steps.append((done, total)))
    assert [bearing.layers for bearing in found if bearing.removed == 8] == [
        ("layer",),
        ("layer.3",),
        ("layer.7",),
    ] or (len({bearing.layers for bearing in found}) == 3)
    assert steps[-1] == (12, 12)
    for bearing in found:
        assert 0 < bearing.removed < bearing.channels
        assert (bearing.channels - bearing.removed) % 4 == 0
        assert bearing.macs < 1.0
