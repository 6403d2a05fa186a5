"""The float graph in PyTorch gives what the SDK's own execution gives, and refuses the rest by name."""

from __future__ import annotations

import numpy as np
import pytest

from edgewright.compress.masks import without_softmax
from edgewright.errors import UnsupportedError
from edgewright.frontend import load_model
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.pipeline import simplified
from edgewright.quantize import run_float
from tests.harness.op_cases import OpCase, op_cases
from tests.harness.op_cases import simplified as simplified_case
from tests.harness.shared_models import shared_file
from tests.harness.small_models import f32, file_of, model, node, weights

torch = pytest.importorskip("torch", reason="training is tested where PyTorch is installed: make test-train")

from edgewright.train.operators import FLOAT, refusal  # noqa: E402
from edgewright.train.torch_graph import TorchGraph, run_in_chunks  # noqa: E402

SAMPLES = 3


def check_equal(graph: Graph[Op], samples: list[list[np.ndarray]]) -> None:
    net = TorchGraph(graph)
    batch = [torch.tensor(np.concatenate(column)) for column in zip(*samples, strict=True)]
    wanted = [run_float(without_softmax(graph), sample) for sample in samples]
    for got, column in zip(run_in_chunks(net, batch), zip(*wanted, strict=True), strict=True):
        expected = np.concatenate(column)
        assert got.shape == expected.shape
        np.testing.assert_allclose(got.numpy(), expected, rtol=1e-4, atol=1e-5 * max(1.0, np.abs(expected).max()))


def trainable(case: OpCase) -> Graph[Op] | None:
    """The graph of a case, None when it has nothing that is computed, or nodes that are refused."""
    graph = simplified_case(case)
    batched = all(value.shape[:1] == (1,) for value in (*graph.inputs, *graph.outputs))
    return graph if batched and graph.nodes and not any(map(refusal, graph.nodes)) else None


def log_softmax_inside() -> Graph[Op]:
    """What the table has only with several rows, or at an end, where it is left out."""
    return simplified(file_of(model([node("LogSoftmax x -> a"), node("Neg a -> y")], {"x": [1, 5]}, {}))).graph


CASES = {case.name: graph for case in op_cases() if (graph := trainable(case)) is not None}
CASES["LogSoftmax: before the end"] = log_softmax_inside()


@pytest.mark.parametrize("name", CASES)
def test_operator(name: str) -> None:
    graph = CASES[name]
    rng = np.random.default_rng(0)
    check_equal(graph, [[rng.uniform(0.1, 0.9, v.shape).astype(np.float32) for v in graph.inputs] for _ in range(3)])


def test_every_operation_has_a_case() -> None:
    assert set(FLOAT) - {type(node.op) for graph in CASES.values() for node in graph.nodes} == set()


@pytest.mark.parametrize(
    "folder",
    ["mlperf_kws_dscnn", "mlperf_ic_resnet8", "mlperf_ad_autoencoder", "zoo_mnist8", "espdl_streaming"],
)
def test_model(folder: str) -> None:
    graph = simplified(load_model(shared_file(folder, "model.onnx"))).graph
    rng = np.random.default_rng(1)
    check_equal(graph, [[rng.standard_normal(v.shape).astype(np.float32) for v in graph.inputs] for _ in range(3)])


def test_what_cannot_be_trained_through_is_named_in_one_line() -> None:
    proto = model(
        [node("Floor x -> a"), node("Conv a,w -> b"), node("ConvTranspose b,v -> c"), node("Neg c -> y")],
        {"x": [1, 2, 4, 4]}, {"w": weights(2, 2, 1, 1), "v": weights(2, 2, 3, 3)},
    )  # fmt: skip
    with pytest.raises(UnsupportedError) as caught:
        TorchGraph(simplified(file_of(proto)).graph)
    assert [reason.split(":")[0].split("(")[1] for reason in caught.value.reasons] == ["floor)", "conv_transpose)"]
    assert "\n" not in str(caught.value)


def test_samples_do_not_mix() -> None:
    proto = model([node("Transpose x -> y", perm=[1, 0, 2])], {"x": [1, 2, 4]}, {})
    with pytest.raises(UnsupportedError, match="across the first axis"):
        TorchGraph(simplified(file_of(proto)).graph)


def test_a_step_of_training_is_stored_and_nothing_else_changes() -> None:
    proto = model(
        [node("Conv x,w,b -> a"), node("Relu a -> y")],
        {"x": [1, 2, 4, 4]},
        {"w": weights(3, 2, 3, 3), "b": f32(1, 2, 3)},
    )
    graph = simplified(file_of(proto)).graph
    net = TorchGraph(graph)
    before = {name: net.contents(name) for name in net.parameters}
    net([torch.ones(2, 2, 4, 4)])[0].sum().backward()
    with torch.no_grad():
        for parameter in net.parameters.values():
            parameter -= 0.1 * parameter.grad
    stored = {value.name: value.data for value in net.stored().values() if value.data is not None}
    for value in graph.values():
        if value.data is not None:
            np.testing.assert_array_equal(value.data, before[value.name])
            assert np.abs(stored[value.name] - value.data).max() > 0
