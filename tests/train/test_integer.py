"""The integer forward pass differs in 0 bytes from the integer reference, on every value of models, trained or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from edgewright import demo
from edgewright.errors import UnsupportedError
from edgewright.frontend import load_model
from edgewright.ir import Graph, Node, Quant, Value
from edgewright.ops import Op
from edgewright.ops.concat import Concat
from edgewright.ops.pad import Pad
from edgewright.ops.reshape import Reshape
from edgewright.ops.slice import Slice
from edgewright.ops.softmax import Softmax
from edgewright.ops.transpose import Transpose
from edgewright.pipeline import integer_form, simplified
from edgewright.quantize import (
    Samples,
    annotate,
    calibrate,
    load_samples,
    observe,
    quantized_inputs,
    random_samples,
    run_integer,
)
from tests.harness.op_cases import OpCase, op_cases
from tests.harness.op_cases import simplified as simplified_case
from tests.harness.shared_models import shared_file
from tests.harness.small_models import file_of, model, node, weights

torch = pytest.importorskip("torch", reason="training is tested where PyTorch is installed: make test-train")

from edgewright.train.data import as_batch  # noqa: E402
from edgewright.train.integer import ELEMENT_WISE, MOVING, IntegerGraph  # noqa: E402

#: In which the integer graph may hold a value of so many axes.
LAYOUTS = {3: ((0, 2, 1),), 4: ((0, 2, 3, 1), (0, 3, 1, 2))}


def compared(net: IntegerGraph, samples: Sequence[Sequence[np.ndarray]]) -> tuple[int, int]:
    """Bytes that the training and the reference both have, and how many of them differ; outputs are among them."""
    reference = integer_form(net.stored())
    seen: dict[str, Any] = {}
    with torch.no_grad():
        net([torch.tensor(np.concatenate(column)) for column in zip(*samples, strict=True)], seen)
    perms = {v.name: v.model_perm for v in (*reference.inputs, *reference.outputs) if v.model_perm is not None}
    quants = {value.name: value.quant for value in net.graph.values()}
    bytes_compared = bytes_differing = 0
    makers = {node.outputs[0].name: node.name for node in reference.nodes}
    values = [(value.name, f"value {value.name}") for value in (*net.graph.inputs, *net.graph.outputs)]
    values += [(n.output.name, f"node {n.name}") for n in counted(net.graph) if not net.graph.is_output(n.output)]
    for k, sample in enumerate(samples):
        found: dict[str, np.ndarray] = {}

        def note(value: Value, data: np.ndarray, found: dict[str, np.ndarray] = found) -> None:
            found[f"value {value.name}"] = found[f"node {makers.get(value.name)}"] = data

        run_integer(reference, quantized_inputs(reference, sample), note)
        for name, key in values:
            quant = quants[name]
            assert quant is not None
            ours = np.rint(seen[name][k : k + 1].numpy() / np.float32(quant.scale)).astype(np.int64) + quant.zero
            layouts = [ours, *(ours.transpose(perm) for perm in LAYOUTS.get(ours.ndim, ()))]
            if name in perms:
                layouts = [ours.transpose(perms[name])]
            bytes_compared += ours.size
            bytes_differing += min(int((v.reshape(-1) != found[key].reshape(-1)).sum()) for v in layouts)
    return bytes_compared, bytes_differing


def counted(graph: Graph[Op]) -> list[Node[Op]]:
    """Nodes whose output is found in the integer graph by their name: those that compute, alone with their name."""
    names = [node.name for node in graph.nodes]
    moving = (Reshape, Transpose, Slice, Concat, Pad, Softmax)  # may have gone into layouts, or stand behind the end
    return [node for node in graph.nodes if names.count(node.name) == 1 and not isinstance(node.op, moving)]


def computed(graph: Graph[Op]) -> int:
    """Elements of the inputs and of all values of one sample that are compared at least."""
    return sum(v.size for v in (*graph.inputs, *(node.output for node in counted(graph))))


def scaled(graph: Graph[Op], samples: Samples) -> Graph[Op]:
    calibrate(graph, samples, integer_form, "percentile")
    return graph


def stepped(net: IntegerGraph, batch: Sequence[Any]) -> None:
    """One step of training against random outputs, large enough to change every layer."""
    generator = torch.Generator().manual_seed(3)
    outputs = net(batch)
    sum((y - y.detach() + torch.randn(y.shape, generator=generator)).square().sum() for y in outputs).backward()
    with torch.no_grad():
        for parameter in net.parameters.values():
            if parameter.grad is not None:
                size = parameter.square().mean().sqrt() / (parameter.grad.square().mean().sqrt() + 1e-30)
                parameter -= 0.05 * size * parameter.grad


@pytest.mark.parametrize("bits", [8, 4])
def test_demo_before_and_after_a_step(bits: int) -> None:
    graph = simplified(load_model(demo.model_path())).graph
    samples = load_samples(demo.held_out_path(), graph.inputs).first(20)
    net = IntegerGraph(scaled(graph, samples), bits)
    assert compared(net, list(samples))[1] == 0
    before = net.state()
    stepped(net, as_batch(samples).inputs)
    assert all((net.state()[name] != before[name]).any() for name in before)
    count, differing = compared(net, list(samples))
    assert count >= len(samples) * computed(graph)
    assert differing == 0
    widest = max(int(np.abs(contract.weights).max()) for contract in _layers(net))
    assert widest == (127 if bits == 8 else 7)


def _layers(net: IntegerGraph) -> list[Any]:
    return [n.op for n in integer_form(net.stored()).nodes if hasattr(n.op, "weights")]


MODELS = {
    "mlperf_kws_dscnn": "data.npz",
    "mlperf_ic_resnet8": "data_jpeg.npz",
    "mlperf_vww_mbv1": "data.npz",
    "mlperf_sww_1dcnn": "data.npz",
    "mlperf_ad_autoencoder": "data.npz",
    "zoo_mnist8": "data.npz",
    "espdl_streaming": "data.npz",
}


@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize("folder", [*MODELS, pytest.param("ppocr_cls_mobile", marks=pytest.mark.slow)])
def test_model_before_and_after_a_step(folder: str, bits: int) -> None:
    graph = simplified(load_model(shared_file(folder, "model.onnx"))).graph
    samples = load_samples(shared_file(folder, MODELS.get(folder, "data.npz")), graph.inputs).spread(16)
    net = IntegerGraph(scaled(graph, samples), bits)
    stepped(net, as_batch(samples).inputs)
    few = list(
        samples.first(16 if folder == "mlperf_kws_dscnn" else 3)
    )  # NNPACK would convolve batches of 16 inexactly
    count, differing = compared(net, few)
    assert count >= len(few) * computed(graph)
    assert differing == 0


def integer_case(case: OpCase) -> IntegerGraph | None:
    """A case that is trained through, with scales from its own samples; None for others."""
    graph = simplified_case(case)
    if any(value.shape[:1] != (1,) for value in (*graph.inputs, *graph.outputs)) or not graph.nodes:
        return None
    annotate(graph, observe(graph, case.samples))
    try:
        return IntegerGraph(graph, 8)
    except UnsupportedError:
        return None


CASES = {case.name: (net, case.samples) for case in op_cases() if (net := integer_case(case)) is not None}


@pytest.mark.parametrize("name", CASES)
def test_operator(name: str) -> None:
    net, samples = CASES[name]
    assert compared(net, samples)[1] == 0


def test_every_operation_has_a_case() -> None:
    covered = {type(node.op) for net, _ in CASES.values() for node in net.graph.nodes}
    assert {*MOVING, *ELEMENT_WISE} - covered == set()


def test_the_gradient_is_that_of_the_real_function() -> None:
    """Of a layer whose outputs saturate nowhere, against float; one step of a weight changes the output as it says."""
    proto = model([node("Gemm x,w,b -> y", transB=1)], {"x": [1, 8]}, {"w": weights(4, 8), "b": weights(4)})
    graph = simplified(file_of(proto)).graph
    samples = random_samples(graph.inputs, 16)
    annotate(graph, observe(graph, samples))
    (y,) = graph.outputs
    assert y.quant is not None
    y.quant = Quant(2 * y.quant.scale, 0)
    net, batch = IntegerGraph(graph, 8), as_batch(samples).inputs
    net(batch)[0].sum().backward()
    (x,) = batch
    for name, parameter in net.parameters.items():
        wanted = x.sum(0).expand(4, 8) if parameter.ndim == 2 else torch.full((4,), 16.0)
        torch.testing.assert_close(parameter.grad, wanted, rtol=0.02, atol=0.2, msg=name)


def test_what_has_no_integers_here_is_named() -> None:
    proto = model([node("LogSoftmax x -> a"), node("Neg a -> y")], {"x": [1, 5]}, {})
    graph = simplified(file_of(proto)).graph
    annotate(graph, observe(graph, random_samples(graph.inputs)))
    with pytest.raises(UnsupportedError, match=r"\(log_softmax\): cannot be trained through in integers yet"):
        IntegerGraph(graph, 8)


def test_layers_that_share_weights_are_refused() -> None:
    proto = model([node("Conv x,w -> a"), node("Relu a -> b"), node("Conv b,w -> y")], {"x": [1, 2, 4, 4]},
                  {"w": weights(2, 2, 1, 1)})  # fmt: skip
    graph = simplified(file_of(proto)).graph
    annotate(graph, observe(graph, random_samples(graph.inputs)))
    with pytest.raises(UnsupportedError, match="shares its weights with another layer"):
        IntegerGraph(graph, 8)
