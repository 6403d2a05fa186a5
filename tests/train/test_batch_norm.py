"""Batch normalization that is put in changes nothing, and folds away as what it has become."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from edgewright import demo
from edgewright.frontend import load_model
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.pipeline import simplified
from edgewright.quantize import load_samples
from tests.harness.small_models import file_of, model, node, weights

torch = pytest.importorskip("torch", reason="training is tested where PyTorch is installed: make test-train")

from edgewright.train.batch_norm import NormalizedGraph  # noqa: E402
from edgewright.train.data import as_batch  # noqa: E402
from edgewright.train.torch_graph import TorchGraph, run_in_chunks  # noqa: E402


def digits() -> tuple[Graph[Op], list[Any]]:
    graph = simplified(load_model(demo.model_path())).graph
    return graph, as_batch(load_samples(demo.held_out_path(), graph.inputs).first(64)).inputs


def test_it_begins_as_what_it_was() -> None:
    graph, batch = digits()
    net = NormalizedGraph(graph, batch)
    (wanted,), (got,) = (run_in_chunks(n, batch) for n in (TorchGraph(graph), net))
    torch.testing.assert_close(got, wanted, rtol=1e-4, atol=1e-4)
    assert len(net.statistics) == len(net.layers) - 1  # all but the last


def test_what_it_learned_is_folded() -> None:
    graph, batch = digits()
    net = NormalizedGraph(graph, batch)
    before = net.state()
    with net.learning():
        net(batch)[0].square().mean().backward()
    with torch.no_grad():
        for parameter in net.learned:
            parameter -= 0.05 * parameter.grad
    biases = {layer.bias for layer in net.layers if f"{layer.weights}/beta" in before}
    assert {name for name in before if (net.state()[name] != before[name]).any()} == before.keys() - biases
    (wanted,), (got,) = (run_in_chunks(n, batch) for n in (net, TorchGraph(net.stored())))
    torch.testing.assert_close(got, wanted, rtol=1e-3, atol=1e-3)


def test_layers_without_bias_get_one() -> None:
    proto = model(
        [node("Conv x,w -> a"), node("Relu a -> b"), node("Conv b,v -> y")], {"x": [1, 2, 4, 4]},
        {"w": weights(3, 2, 1, 1), "v": weights(2, 3, 1, 1)},
    )  # fmt: skip
    graph = simplified(file_of(proto)).graph
    batch = [torch.randn(32, 2, 4, 4, generator=torch.Generator().manual_seed(0)) + 1]
    net = NormalizedGraph(graph, batch)
    with torch.no_grad():
        for parts in net.statistics.values():
            parts[0].add_(0.5)
    stored = net.stored()
    (wanted,), (got,) = (run_in_chunks(n, batch) for n in (net, TorchGraph(stored)))
    torch.testing.assert_close(got, wanted, rtol=1e-4, atol=1e-4)
    first = stored.nodes[0].inputs[2]
    assert first is not None
    assert first.data is not None
    assert np.abs(first.data).min() > 0
