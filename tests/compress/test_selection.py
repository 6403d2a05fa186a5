"""Which channels go: what each method looks at, in which order steps are taken, and when a amount is reached."""

import numpy as np
import pytest

from edgewright.compress import Amount, Pruner
from edgewright.compress import brain_surgeon as surgery
from edgewright.compress.activations import Sample, run_all
from edgewright.compress.brain_surgeon import Reader, layer_readers
from edgewright.compress.quality import snr_db
from edgewright.compress.selection import BY_DATA, BY_WEIGHTS
from edgewright.errors import UsageError
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.ops.activation import NO_CLAMP
from edgewright.passes.channel_rules import trace_channels
from tests.harness.float_graphs import Net, widths
from tests.harness.shared_models import random_inputs


def many(graph: Graph[Op], count: int = 64) -> list[Sample]:
    return [random_inputs(graph, seed) for seed in range(count)]


def none(pruner: Pruner) -> np.ndarray:
    return np.zeros(pruner.selection.labels, dtype=bool)


def chain(width: int = 16) -> Graph[Op]:
    net = Net(1, 3, 8, 8)
    return net.done(net.conv(net.conv(net.conv(net.x, width, 3, pad=1), 2 * width), 4))


def large_copies() -> Graph[Op]:
    """16 channels, half of them of small weights; of the others, four copy four."""
    net = Net(1, 8, 6, 6)
    a = net.conv(net.x, 16)
    weights, bias = net.parameters(a)
    weights[:4], bias[:4] = 2.0 * weights[4:8], 2.0 * bias[4:8]
    weights[8:], bias[8:] = 0.3 * weights[8:], 0.3 * bias[8:]
    return net.done(net.conv(a, 6, clamp=NO_CLAMP))


def test_brain_surgeon_sees_copies_that_norms_do_not() -> None:
    """Either of two copies can go; the smallest weights are no guide."""
    graph = large_copies()
    others = [random_inputs(graph, 900 + seed) for seed in range(8)]
    (wanted,) = run_all(graph, others)
    left = {}
    for method in ("obs", "l1"):
        pruner = Pruner(graph, method, round_to=1, samples=many(graph))
        result = pruner.prune(Amount("channels", 0.25))
        left[method] = snr_db(wanted, run_all(result.graph, others)[0])
    assert left["obs"] > 75
    assert left["l1"] < 30


def test_costs_and_updates_are_those_of_least_squares() -> None:
    """The cost of a group is the rise of the damped error when the other weights are fitted again without it."""
    rng = np.random.default_rng(0)
    mixed = rng.standard_normal((12, 12))
    covariance, weights = mixed @ mixed.T + np.eye(12), rng.standard_normal((5, 12))
    roots = np.repeat([7, 9, 3, 5], 3)
    reader = Reader(roots, weights, np.linalg.inv(covariance), 1.0)

    def rest(gone: np.ndarray) -> tuple[float, np.ndarray]:
        kept = ~gone
        best = np.linalg.solve(covariance[np.ix_(kept, kept)], covariance[kept] @ weights.T).T
        change = weights.copy()
        change[:, kept] -= best
        return float(np.trace(change @ covariance @ change.T)), best

    groups = np.array([3, 5, 7, 9])
    wanted = [rest(roots == group)[0] for group in groups]
    np.testing.assert_allclose(reader.costs(groups), wanted)
    reader.remove(9)
    after = [rest(np.isin(roots, [9, group]))[0] - wanted[3] for group in (3, 5, 7)]
    np.testing.assert_allclose(reader.costs(groups[:3]), after)


def test_wide_layers_are_seen_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays bounded, channels stay whole, and no column is lost."""
    net = Net(1, 3, 6, 6)
    graph = net.done(net.conv(net.conv(net.x, 20, 3), 4, 3))
    whole = list(layer_readers(graph, many(graph, 8)))
    monkeypatch.setattr(surgery, "MOST_COLUMNS", 40)
    pieces = list(layer_readers(graph, many(graph, 8)))
    assert [len(reader.roots) for reader in whole] == [180]
    assert [len(reader.roots) for reader in pieces] == [36] * 5
    assert sorted(np.concatenate([r.roots for r in pieces])) == sorted(whole[0].roots)
    assert Pruner(graph, samples=many(graph, 8)).prune(Amount("channels", 0.5)).report.achieved >= 0.5


@pytest.mark.parametrize("method", [*BY_DATA, *BY_WEIGHTS])
@pytest.mark.parametrize("kind", ["macs", "bytes"])
def test_targets_are_met_and_not_by_much(method: str, kind: str) -> None:
    graph = chain()
    pruner = Pruner(graph, method, samples=many(graph, 8))
    full = pruner.selection.sizes.measure(none(pruner), kind)
    report = pruner.prune(Amount(kind, 0.6 * full), refitting=False).report
    assert 0.42 * full < getattr(report.after, kind) <= 0.6 * full
    assert all(width % 4 == 0 for width in widths(pruner.prune(Amount(kind, 0.6 * full)).graph))


def test_sizes_are_those_of_the_cut_graph() -> None:
    graph = chain()
    pruner = Pruner(graph, samples=many(graph, 8))
    for amount in (0.2, 0.5):
        removed = pruner.selection.select(Amount("channels", amount))
        after = pruner.cut(removed, "").report.after
        assert pruner.selection.sizes.macs(removed) == pytest.approx(after.macs)
        assert pruner.selection.sizes.bytes(removed) == pytest.approx(after.bytes)


def test_steps_of_a_smaller_cut_are_the_first_of_a_larger() -> None:
    graph = chain()
    select = Pruner(graph, samples=many(graph, 8)).selection.select
    small, large = select(Amount("channels", 0.2)), select(Amount("channels", 0.6))
    assert not (small & ~large).any()
    assert small.sum() < large.sum()


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        (("channels", 0.95), r"--amount 0.95 is out of reach; .* at most 0.8"),
        (("macs", 5.0), r"--target-macs 5 is out of reach; .* at least [\d,]+ are left"),
        (("bytes", 5.0), "--target-bytes 5 is out of reach"),
    ],
)
def test_no_layer_is_emptied(amount: tuple[str, float], message: str) -> None:
    graph = chain()
    with pytest.raises(UsageError, match=message):
        Pruner(graph, samples=many(graph, 4)).prune(Amount(*amount))


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan")])
@pytest.mark.parametrize("kind", ["channels", "macs", "bytes"])
def test_goals_out_of_range(kind: str, value: float) -> None:
    with pytest.raises(UsageError, match="must be"):
        Amount(kind, value)


def test_activation_and_bn_see_what_data_do() -> None:
    """Channels that hardly vary, however large their weights."""
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 16)
    idle = [1, 4, 6, 15]
    net.parameters(a)[0][idle] *= 0.001
    net.parameters(a)[1][idle] = 0.001
    y = net.conv(a, 4)
    net.parameters(y)[0][:, idle] *= 1e6
    graph = net.done(y)
    for method in ("activation", "bn"):
        pruner = Pruner(graph, method, samples=many(graph, 8))
        (family,) = pruner.selection.families
        removed = pruner.selection.select(Amount("channels", 0.25))
        assert np.flatnonzero(removed[family.groups]).tolist() == idle


def test_fpgm_takes_what_lies_in_the_middle() -> None:
    """Filters near the geometric median of all, not the smallest."""
    net = Net(1, 3, 6, 6)
    a = net.conv(net.x, 16)
    weights = net.parameters(a)[0]
    weights += 5.0
    middle = [2, 3, 5, 7]
    weights[middle] = weights.mean(axis=0)
    graph = net.done(net.conv(a, 4))
    pruner = Pruner(graph, "fpgm")
    removed = pruner.selection.select(Amount("channels", 0.25))
    assert np.flatnonzero(removed[pruner.selection.families[0].groups]).tolist() == middle


def test_lossless_takes_twins_and_nothing_else() -> None:
    net = Net(1, 3, 6, 6)
    a = net.depthwise(net.conv(net.x, 12))
    for layer in ("layer", "layer.3"):
        value = next((v for v in net.graph.values() if v.name == layer), a)
        weights, bias = net.parameters(value)
        weights[[4, 9]], bias[[4, 9]] = weights[[1, 2]], bias[[1, 2]]
    weights, bias = net.parameters(a)
    weights[[4, 9]], bias[[4, 9]] = weights[[1, 2]], bias[[1, 2]]
    graph = net.done(net.dense(net.flatten(a), 5))
    inputs = [random_inputs(graph, seed) for seed in range(3)]
    result = Pruner(graph, "lossless").prune(None)
    assert widths(result.graph)[:2] == [10, 10]
    np.testing.assert_allclose(run_all(result.graph, inputs)[0], run_all(graph, inputs)[0], rtol=1e-4, atol=1e-3)
    assert trace_channels(graph).size > trace_channels(result.graph).size


@pytest.mark.parametrize(
    ("method", "amount", "refitting", "message"),
    [
        ("lossless", Amount("channels", 0.5), None, "leave it out"),
        ("magnitude", Amount("macs", 100), None, "leaves the size as it is"),
        ("magnitude", Amount("channels", 0.5), True, "would fill what --method magnitude leaves"),
        ("l1", Amount("channels", 0.5), True, "give --calib"),
        ("l1", None, None, "how much"),
        ("obs", Amount("channels", 0.5), None, "give --calib"),
    ],
)
def test_arguments_that_do_not_go_together(
    method: str, amount: Amount | None, refitting: bool | None, message: str
) -> None:
    samples = many(chain(), 2) if refitting and method == "magnitude" else None
    with pytest.raises(UsageError, match=message):
        Pruner(chain(), method, samples=samples).prune(amount, refitting)
