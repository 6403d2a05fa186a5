"""The graph: its invariants, its edits, and the builder of nodes."""

from collections.abc import Callable

import numpy as np
import pytest

from edgewright.ir import Graph, Node, Value
from edgewright.ir.builder import Builder
from edgewright.ir.text import parse_graph, print_graph
from edgewright.ops import Op
from edgewright.ops.activation import Clamp
from edgewright.ops.add import Add
from edgewright.ops.clip import Clip
from edgewright.ops.unary import Unary
from tests.harness.graph_strategies import op_records

DIAMOND = """graph 'diamond' {
  input %x:f32[1,4]
  %a:f32[1,4] = unary(%x) {function='Tanh'} 'a'
  %b:f32[1,4] = unary(%a) {function='Abs'} 'b'
  %c:f32[1,4] = unary(%a) {function='Neg'} 'c'
  %y:f32[1,4] = add(%b, %c) 'y'
  output %y
}"""


@pytest.fixture
def diamond() -> Graph[Op]:
    return parse_graph(DIAMOND, op_records())


def named(graph: Graph[Op], name: str) -> Value:
    return next(v for v in graph.values() if v.name == name)


def test_who_makes_and_who_reads_a_value(diamond: Graph[Op]) -> None:
    a, y = named(diamond, "a"), named(diamond, "y")
    assert [n.name for n in diamond.consumers(a)] == ["b", "c"]
    assert diamond.consumers(y) == []
    assert diamond.producer(a) is diamond.nodes[0]
    assert diamond.producer(diamond.inputs[0]) is None
    assert diamond.consumer_map()[a] == diamond.consumers(a)
    assert diamond.producers()[y] is diamond.nodes[3]


def test_a_node_that_reads_a_value_twice_is_one_reader() -> None:
    x = Value("x", (1,))
    node = Node(Add(), [x, x], [Value("y", (1,))], "double")
    graph = Graph("g", [x], node.outputs, [node])
    assert graph.consumers(x) == [node]
    assert graph.consumer_map() == {x: [node]}


def test_prune_drops_what_nothing_reads(diamond: Graph[Op]) -> None:
    diamond.outputs = [named(diamond, "b")]
    assert diamond.prune() == 2
    assert [n.name for n in diamond.nodes] == ["a", "b"]


def test_inserting_keeps_the_order(diamond: Graph[Op]) -> None:
    new = [Node(Clip(Clamp()), [], [], name) for name in ("first", "second")]
    diamond.insert_before(diamond.nodes[1], new)
    assert [n.name for n in diamond.nodes] == ["a", "first", "second", "b", "c", "y"]


def test_replacing_an_output_keeps_its_name(diamond: Graph[Op]) -> None:
    """Users of a pruned or quantized model feed and read it by name."""
    diamond.replace_uses(named(diamond, "y"), named(diamond, "b"))
    assert [v.name for v in diamond.outputs] == ["y"]
    diamond.prune()
    diamond.verify()


def test_an_input_or_another_output_keeps_its_own_name(diamond: Graph[Op]) -> None:
    y, b = named(diamond, "y"), named(diamond, "b")
    diamond.outputs = [y, b]
    diamond.replace_uses(y, b)
    assert [v.name for v in diamond.outputs] == ["b", "b"]
    diamond.replace_uses(b, diamond.inputs[0])
    assert [v.name for v in diamond.outputs] == ["x", "x"]


def test_replacing_inside_renames_nothing(diamond: Graph[Op]) -> None:
    diamond.replace_uses(named(diamond, "b"), named(diamond, "a"))
    diamond.prune()
    assert print_graph(diamond) == "\n".join(line for line in DIAMOND.split("\n") if "%b:" not in line).replace(
        "%b,", "%a,"
    )


@pytest.mark.parametrize(
    ("why", "change", "message"),
    [
        ("used too early", lambda g: g.nodes.reverse(), "'y' reads 'b' before it is defined"),
        ("two of a name", lambda g: setattr(named(g, "b"), "name", "a"), "two values are called 'a'"),
        ("defined twice", lambda g: g.nodes.append(g.nodes[0]), "'a' is defined twice"),
        ("undefined output", lambda g: g.outputs.append(Value("z", (1,))), "output 'z' is never defined"),
        (
            "wrong shape",
            lambda g: g.nodes[3].inputs.append(Value("w", (2,), data=np.zeros(3))),
            r"constant 'w' is \(3,\), said \(2,\)",
        ),
    ],
)
def test_verify_names_what_is_wrong(
    diamond: Graph[Op], why: str, change: Callable[[Graph[Op]], object], message: str
) -> None:
    diamond.verify()
    change(diamond)
    with pytest.raises(ValueError, match=message):
        diamond.verify()


def test_operand_must_be_present() -> None:
    node = Node(Add(), [None], [], "n")
    with pytest.raises(ValueError, match="n: input 0 is absent"):
        node.operand(0)


def test_sizes_of_values() -> None:
    value = Value("v", (2, 3), "int32")
    assert (value.size, value.nbytes, value.is_const) == (6, 24, False)
    assert Value("scalar", ()).size == 1


def test_builder_gives_fresh_names(diamond: Graph[Op]) -> None:
    build = Builder(diamond, "a")
    first = build.value(Unary("Tanh"), [named(diamond, "x")])
    second = build.const(np.zeros(2), "a")
    third = build.value(Unary("Tanh"), [first], "y")
    assert [v.name for v in (first, second, third)] == ["a.1", "a.2", "y.1"]
    assert [n.outputs[0].name for n in build.nodes] == ["a.1", "y.1"]
    assert diamond.fresh_name("x") == "x.1"
    assert diamond.fresh_name("new") == "new"


def test_the_stem_gives_way_to_the_value_that_is_called_so() -> None:
    """What an ONNX node needs several of our nodes for still gives an output of its name."""
    x = Value("x", (1, 4))
    build = Builder(Graph("g", [x]), "y")
    steps = [build.value(Unary("Tanh"), [x]), build.value(Unary("Tanh"), [x])]
    assert [v.name for v in (*steps, build.value(Unary("Abs"), [x], "y"))] == ["y.2", "y.1", "y"]
