"""Row strips: the same bytes from less memory."""

from collections.abc import Sequence

import numpy as np
import pytest

from edgewright.contracts import Contract
from edgewright.contracts.conv import ConvS8, DepthwiseS8
from edgewright.contracts.elementwise import AddS8, LutS8
from edgewright.contracts.movement import RowsS8, StackRowsS8
from edgewright.ir import Graph, Node, Quant, Value
from edgewright.kernels import Goal
from edgewright.plan import make_plan
from edgewright.plan.rows import has_row_contracts
from edgewright.plan.strips import in_strips, parts
from edgewright.quantize import run_integer
from tests.harness.conv_cases import conv, depthwise

QUANT = Quant(0.1, 0)


def residual(height: int = 13, width: int = 6, channels: int = 4) -> Graph[Contract]:
    """conv 5x3 -> (3x3 conv -> strided 3x3 depthwise -> table), (strided 3x3 conv) -> sum -> 1x1 conv."""
    rng = np.random.default_rng(5)
    graph = Graph[Contract]("residual", [Value("x", (1, height, width, channels), "int8", None, QUANT)])

    def add(op: Contract, inputs: Sequence[Value], name: str) -> Value:
        shape = (1, *op.out_shape) if isinstance(op, ConvS8 | DepthwiseS8) else inputs[0].shape
        out = Value(name, shape, "int8", None, QUANT)
        graph.nodes.append(Node(op, list(inputs), [out], name))
        return out

    same, image = (1, 1, 1, 1), (height, width, channels)
    first = add(conv(rng, image, channels, (5, 3), pad=(2, 1, 2, 1)).contract, graph.inputs, "first")
    inner = add(conv(rng, image, channels, (3, 3), pad=same).contract, [first], "inner")
    half = add(depthwise(rng, image, (3, 3), stride=(2, 2), pad=same).contract, [inner], "half")
    table = rng.integers(-128, 128, 256, dtype=np.int8)
    curved = add(LutS8(table=table, n=half.size), [half], "curved")
    short = add(conv(rng, image, channels, (3, 3), stride=(2, 2), pad=same).contract, [first], "short")
    shape = half.shape
    total = add(
        AddS8(1 << 18, 1 << 18, 1 << 18, 19, out_shape=shape, a_shape=shape, b_shape=shape), [curved, short], "total"
    )
    last = add(conv(rng, (shape[1], shape[2], channels), 5, (1, 1)).contract, [total], "last")
    graph.outputs = [last]
    graph.verify()
    return graph


def test_parts_have_one_way_in_and_one_way_out() -> None:
    graph = residual()
    names = {(graph.nodes[p.first].name, graph.nodes[p.last].name) for p in parts(graph, 9)}
    assert ("inner", "total") in names
    assert ("first", "last") in names
    assert ("inner", "half") not in names  # `first` is read again by `short`


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7])
def test_every_part_in_strips_means_the_same(count: int) -> None:
    graph = residual()
    x = np.random.default_rng(1).integers(-128, 128, graph.inputs[0].shape, dtype=np.int8)
    (want,) = run_integer(graph, [x])
    for part in parts(graph, 9):
        strips = in_strips(graph, part, count)
        strips.verify()
        np.testing.assert_array_equal(run_integer(strips, [x])[0], want, f"{part.first} to {part.last}")


def test_windows_below_the_input_are_not_stripped() -> None:
    """The windows of the last two rows see nothing but padding, which no padding above a strip can say."""
    rng = np.random.default_rng(5)
    graph = Graph[Contract]("deep", [Value("x", (1, 4, 3, 2), "int8", None, QUANT)])
    first = Value("first", (1, 4, 3, 2), "int8", None, QUANT)
    second = Value("second", (1, 6, 3, 2), "int8", None, QUANT)
    third = Value("third", (1, 6, 3, 2), "int8", None, QUANT)
    plain = conv(rng, (4, 3, 2), 2, (1, 1)).contract
    deep = conv(rng, (4, 3, 2), 2, (1, 1), pad=(0, 0, 2, 0)).contract
    last = conv(rng, (6, 3, 2), 2, (1, 1)).contract
    ends = [graph.inputs[0], first, second, third]
    graph.nodes = [Node(op, [ends[k]], [ends[k + 1]], ends[k + 1].name) for k, op in enumerate((plain, deep, last))]
    graph.outputs = [third]
    graph.verify()
    assert parts(graph, 9) == []
    assert isinstance(deep, ConvS8)
    assert not has_row_contracts(deep)


def test_ram_goal_needs_less_and_gives_the_same() -> None:
    graph = residual(height=48, width=16)
    x = np.random.default_rng(2).integers(-128, 128, graph.inputs[0].shape, dtype=np.int8)
    (want,) = run_integer(graph, [x])
    plain = make_plan(residual(height=48, width=16), ["c"], Goal.BALANCED)
    small = make_plan(residual(height=48, width=16), ["c"], Goal.RAM)
    assert small.arena_bytes < 0.9 * plain.arena_bytes
    np.testing.assert_array_equal(run_integer(small.graph, [x])[0], want)


def test_no_strip_is_written_over_rows_that_are_still_read() -> None:
    """Play the plan on bytes: views read and strips write the arena as the generated code does."""
    plan = make_plan(residual(height=48, width=16), ["c"], Goal.RAM)
    assert any(isinstance(node.op, StackRowsS8) for node in plan.graph.nodes)
    graph = plan.graph
    x = np.random.default_rng(3).integers(-128, 128, graph.inputs[0].shape, dtype=np.int8)
    (want,) = run_integer(graph, [x])
    arena = np.zeros(plan.arena_bytes, dtype=np.int8)

    def at(value: Value) -> np.ndarray:
        start = plan.offsets[value]
        return arena[start : start + value.nbytes].reshape(value.shape)

    at(graph.inputs[0])[:] = x
    for node in graph.nodes:
        if not isinstance(node.op, RowsS8 | StackRowsS8):
            at(node.output)[:] = node.op.reference(*[at(node.operand(k)).copy() for k in range(len(node.inputs))])
    np.testing.assert_array_equal(at(graph.outputs[0]), want)
