"""The plan: what it lays out really computes the graph, in as little memory as is alive."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from edgewright import demo
from edgewright.contracts import Contract
from edgewright.contracts.registry import records
from edgewright.errors import UnsupportedError, UsageError
from edgewright.frontend import load_model
from edgewright.ir import Graph, Node, Value
from edgewright.ir.text import parse_graph
from edgewright.kernels import Goal
from edgewright.pipeline import integer_form as lowered
from edgewright.pipeline import simplified
from edgewright.plan import Plan, make_plan
from edgewright.plan.arena import Buffer, lower_bound
from edgewright.plan.shares import Span
from edgewright.quantize import annotate, run_integer
from edgewright.quantize.observe import Observer
from edgewright.targets import load_cpu
from tests.harness.graph_strategies import integer_graphs
from tests.harness.shared_models import MODELS, shared_file

CPUS = ["cortex-m0plus", "cortex-m4", "cortex-m55", "cortex-a53", "cortex-a7", "arm1176jzf-s", "x86-64"]
RUNS = [
    *((cpu, Goal.BALANCED) for cpu in CPUS),
    ("cortex-m4", Goal.RAM),
    ("cortex-m0plus", Goal.RAM),
    ("cortex-m55", Goal.TIME),
]


def run_in_arena(plan: Plan, inputs: list[np.ndarray], *, backwards: bool = False) -> list[np.ndarray]:
    """The outputs when every layer reads and writes one arena where the plan says, and leaves rubbish as scratch.

    backwards: the last share of a layer runs first.
    """
    arena = np.full(plan.arena_bytes, 0x5A, dtype=np.uint8)

    def at(value: Value) -> np.ndarray:
        offset = plan.offsets[value]
        return arena[offset : offset + value.nbytes].view(value.dtype).reshape(value.shape)

    for value, data in zip(plan.graph.inputs, inputs, strict=True):
        at(value)[...] = data

    def seen(value: Value, span: Span) -> np.ndarray:
        data = at(value) if value.data is None else value.data
        return data.reshape(-1).view(np.uint8)[span.start : span.start + span.size]

    for layer in plan.layers:
        scratch = layer.runs[0].scratch_offset
        arena[scratch : scratch + layer.scratch_bytes] = 0xA5
        for run in reversed(layer.runs) if backwards else layer.runs:
            operands = [
                seen(v, span).view(v.dtype).copy()
                for v, span in zip(layer.node.inputs, run.share.x, strict=True)
                if v is not None
            ]
            y = np.ascontiguousarray(run.share.contract.reference(*operands)).reshape(-1).view(np.uint8)
            seen(layer.node.output, run.share.y)[...] = y
        arena[scratch : scratch + layer.scratch_bytes] = 0xA5
    return [at(value).copy() for value in plan.graph.outputs]


@pytest.mark.parametrize(("cpu", "goal"), RUNS)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(graph=integer_graphs(most=10))
def test_the_graph_runs_in_its_arena(cpu: str, goal: Goal, graph: Graph[Contract]) -> None:
    """A value that is overwritten while somebody still needs it changes the outputs."""
    if all(node.op.mnemonic == "reshape_s8" for node in graph.nodes):
        return
    inputs = [np.random.default_rng(1).integers(-128, 128, v.shape, dtype=np.int8) for v in graph.inputs]
    wanted = run_integer(graph, inputs)
    plan = make_plan(graph, load_cpu(cpu).isas, goal)
    for got, want in zip(run_in_arena(plan, inputs), wanted, strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize(
    ("cpu", "goal"), [("cortex-m4", Goal.BALANCED), ("cortex-m55", Goal.TIME), ("x86-64", Goal.RAM)]
)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(graph=integer_graphs(most=10))
def test_arena_is_within_five_percent_of_what_is_alive(cpu: str, goal: Goal, graph: Graph[Contract]) -> None:
    if all(node.op.mnemonic == "reshape_s8" for node in graph.nodes):
        return
    assert_small(make_plan(graph, load_cpu(cpu).isas, goal))


def assert_small(plan: Plan) -> None:
    """The optimum takes each buffer whole; outputs that overlap their inputs may undercut it."""
    steps = {layer.node: step for step, layer in enumerate(plan.layers)}
    assert len(steps) == len(plan.layers)
    position = {node: step for step, node in enumerate(plan.graph.nodes)}
    buffers = [Buffer(s.size, s.first, s.last) for s in plan.storages]
    for layer in plan.layers:
        buffers.append(Buffer(layer.scratch_bytes, position[layer.node], position[layer.node]))
    assert plan.optimum_bytes <= plan.arena_bytes <= 1.05 * lower_bound(buffers)


@pytest.mark.parametrize("cpu", ["cortex-m0plus", "cortex-m4", "cortex-m55"])
@pytest.mark.parametrize("model", sorted(path.parent.name for path in MODELS.glob("*/model.onnx")) or ["none"])
def test_arena_of_shared_models(model: str, cpu: str) -> None:
    assert_small(make_plan(integer_form(shared_file(model, "model.onnx")), load_cpu(cpu).isas))


def integer_form(path: Path) -> Graph[Contract]:
    """The integer graph of a model as if every value went from -1 to 1: sizes do not depend on scales."""
    graph = simplified(load_model(path)).graph
    annotate(graph, {v: Observer(-1.0, 1.0) for v in graph.values() if not v.is_const})
    return lowered(graph)


TWO = """graph 'two' {
  input %x:i8[1,4]<0.1:0>
  %y:i8[1,4]<0.1:0> = reduce_max_s8(%x) {is_max=True, outer=4, n=1, inner=1, out_shape=(1, 4)} 'first'
  %r:i8[4]<0.1:0> = reshape_s8(%y) {out_shape=(4,)} 'shape'
  %z:i32[1]<1.0:0> = arg_max_s8(%r) {is_max=True, select_last=False, outer=1, n=4, inner=1, out_shape=(1,)} 'second'
  output %z
}"""


def test_layers_are_what_runs() -> None:
    plan = make_plan(parse_graph(TWO, records()), ["c"])
    assert [layer.node.name for layer in plan.layers] == ["first", "second"]
    names = {value.name: offset for value, offset in plan.offsets.items()}
    assert names["y"] == names["r"]
    assert (plan.arena_bytes, plan.optimum_bytes) == (16, 16)
    assert plan.peak_layer == "first"


def test_the_peak_is_the_layer_with_the_most_bytes_alive() -> None:
    text = TWO.replace("%y:i8[1,4]", "%y:i8[1,40]").replace("%r:i8[4]", "%r:i8[40]")
    assert make_plan(parse_graph(text, records()), ["c"]).peak_layer == "first"
    text = text.replace("input %x:i8[1,4]", "input %x:i8[1,1]").replace("%z:i32[1]", "%z:i32[10]")
    assert make_plan(parse_graph(text, records()), ["c"]).peak_layer == "second"


class Fft(Contract):
    """A contract that no kernel computes."""

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        raise NotImplementedError


def test_all_nodes_without_a_kernel_are_named() -> None:
    values = [Value(name, (1,), "int8") for name in "xyz"]
    nodes = [Node[Contract](Fft(), [values[k]], [values[k + 1]], f"n{k}") for k in range(2)]
    with pytest.raises(UnsupportedError) as caught:
        make_plan(Graph("g", values[:1], values[2:], nodes), ["c"])
    assert caught.value.reasons == ["'n0': no kernel for fft", "'n1': no kernel for fft"]


def test_nothing_to_compute_is_refused() -> None:
    graph = parse_graph("graph 'g' { input %x:i8[4]<0.1:0> output %x }", records())
    with pytest.raises(UnsupportedError, match="g: every output is an input in another shape"):
        make_plan(graph, ["c"])


def test_an_instruction_set_without_kernels_is_refused() -> None:
    graph = integer_form(demo.model_path())
    with pytest.raises(UsageError, match=r"isas: no kernel is written for 'neonn'; known: .*neon"):
        make_plan(graph, ("neonn", "c"))
