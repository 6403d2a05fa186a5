"""The text form of graphs: printing, parsing, and the way back."""

import numpy as np
import pytest
from hypothesis import given, settings

from edgewright.contracts import Contract
from edgewright.contracts.elementwise import LutS8
from edgewright.contracts.registry import records
from edgewright.ir import AnyGraph, Graph, Node, Value
from edgewright.ir.text import content_hash, parse_graph, print_graph
from edgewright.ops import Op
from edgewright.quantize import run_float, run_integer
from tests.harness.graph_strategies import float_graphs, inputs_of, integer_graphs, op_records

EVERYTHING = """graph "it's" {
  input %x:f32[1,2,4,4]<0.05:-3>^(0, 2, 3, 1)
  input %'a b:0':f32[]
  %w:f32[2,2,1,1] = const(1.0, 0.0, 1e-10, -inf) {weight_scales=f64[2](0.1, 0.25), weight_axis=1}
  %large:f32[2,3,3] = const(hash='7d9d37ff')
  %y:f32[1,2,4,4] = conv(%x, %w, none) {window=Window(kernel=(1, 1), pads=(0, 1, 0, 1)), groups=2} 'first/conv'
  %z:f32[1,2,4,4] = fused_unary(%y) {body=graph 'body' {
    input %y:f32[1,2,4,4]
    %t:f32[1,2,4,4] = unary(%y) {function='Gelu', attributes=(('approximate', 'none'),)} 'in "quotes"'
    output %t
  }}
  %none:f32[1,2,4,4] = clip(%z) {clamp=Clamp(low=0.0)}
  %c:i64[3] = const(1, -2, 3)
  output %z
  output %none
  output %c
}"""


def test_print_is_the_inverse_of_parse() -> None:
    large = np.arange(18, dtype=np.float32).reshape(2, 3, 3)
    text = EVERYTHING.replace("7d9d37ff", content_hash(large))
    text = text.replace("%w, none)", "%w, %large)")
    assert print_graph(parse_graph(text, op_records(), {content_hash(large): large})) == text


def test_parse_builds_what_the_text_says() -> None:
    text = EVERYTHING.replace("  %large:f32[2,3,3] = const(hash='7d9d37ff')\n", "")
    graph = parse_graph(text, op_records())
    x, scalar = graph.inputs
    conv, fused, clip = graph.nodes
    assert (x.quant.scale, x.quant.zero, x.model_perm) == (0.05, -3, (0, 2, 3, 1))  # type: ignore[union-attr]
    assert (scalar.name, scalar.shape) == ("a b:0", ())
    assert conv.inputs[2] is None
    assert conv.operand(1).weight_axis == 1
    assert conv.op.window.pads == (0, 1, 0, 1)
    assert fused.op.body.nodes[0].name == 'in "quotes"'
    assert clip.op.clamp.high == np.inf
    assert graph.outputs[2].data is not None
    assert graph.outputs[2].data.dtype == np.int64


def test_short_forms_for_tests() -> None:
    graph = parse_graph(
        """graph 'short' {  # a comment, records by position, and made-up constants
          input %x:f32[1,3]
          %w:f32[4,3] = const(seed=1)
          %y:f32[1,4] = dense(%x %w) {clamp=Clamp(0 6)} 'd'
          output %y }""",
        op_records(),
    )
    (node,) = graph.nodes
    weights = node.operand(1).data
    assert weights is not None
    assert np.ptp(weights) > 0.5
    assert (node.op.clamp.low, node.op.clamp.high) == (0, 6)


def test_arrays_in_contracts_are_literal_or_hashed() -> None:
    x = Value("x", (1,), "int8")
    table = np.arange(-128, 128).astype(np.int8)
    node = Node(LutS8(table, 1), [x], [Value("y", (1,), "int8")])
    text = print_graph(Graph("table", [x], node.outputs, [node]))
    assert f"{{table=i8[256](hash='{content_hash(table)}'), n=1}}" in text
    (again,) = parse_graph(text, records(), {content_hash(table): table}).nodes
    np.testing.assert_array_equal(again.op.table, table)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("%y:f32[2] = tanh(%x)", "no operation is called tanh"),
        ("%y:f32[2] = clip(%z) {clamp=Clamp()}", "%z is not defined"),
        ("%y:f32[2] = clip(%x) {clamp=Clamb()}", "no record is called Clamb"),
        ("%y:f32[2] = clip(%x) {clomp=Clamp()}", "unexpected keyword argument 'clomp'"),
        ("%y:f32[2] = clip(%x)", "missing 1 required positional argument: 'clamp'"),
        ("%x:f32[2] = const(1, 2)", "%x is defined twice"),
        ("%y:f32[3] = const(1, 2)", "2 elements for shape [3]"),
        ("%y:f32[20] = const(hash='00112233')", "the contents of hash 00112233 are not given"),
        ("%y:f31[2] = const(1, 2)", "no type is called f31"),
        ("%y:f32[2]", "expected =, found output"),
        ("output %x ; ", "unexpected ';'"),
    ],
)
def test_errors_name_the_line_and_the_reason(line: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"line [34]: ") as caught:
        parse_graph(f"graph 'bad' {{\n  input %x:f32[2]\n  {line}\n  output %x\n}}", op_records())
    assert message in str(caught.value)


@pytest.mark.parametrize("cut", [10, 30, 75])
def test_text_that_ends_early_is_an_error(cut: int) -> None:
    with pytest.raises(ValueError, match="line "):
        parse_graph(
            "graph 'cut' {\n  input %x:f32[2]\n  %y:f32[2] = clip(%x) {clamp=Clamp(low=0.0)}\n"[:cut], op_records()
        )


@settings(max_examples=60, deadline=None)
@given(float_graphs())
def test_float_graphs_round_trip(graph: Graph[Op]) -> None:
    text = print_graph(graph)
    again = parse_graph(text, op_records(), constants_of(graph))
    again.verify()
    assert print_graph(again) == text
    for ours, theirs in zip(run_float(graph, inputs_of(graph)), run_float(again, inputs_of(graph)), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@settings(max_examples=40, deadline=None)
@given(integer_graphs())
def test_integer_graphs_round_trip(graph: Graph[Contract]) -> None:
    text = print_graph(graph)
    again = parse_graph(text, records(), constants_of(graph))
    again.verify()
    assert print_graph(again) == text
    inputs = [np.random.default_rng(1).integers(-128, 128, v.shape, dtype=np.int8) for v in graph.inputs]
    for ours, theirs in zip(run_integer(graph, inputs), run_integer(again, inputs), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def constants_of(graph: AnyGraph) -> dict[str, np.ndarray]:
    """The arrays of a graph, in its values and in its operations, by hash."""
    arrays = [v.data for v in graph.values() if v.data is not None]
    arrays += [a for node in graph.nodes for a in vars(node.op).values() if isinstance(a, np.ndarray)]
    return {content_hash(a): a for a in arrays}
