"""The interpreter that is the reference for all places."""

import numpy as np

from edgewright.ir.text import parse_graph
from edgewright.quantize import run_float, run_integer
from tests.harness.graph_strategies import build_graph, op_records, quantized

BRANCHES = """graph 'branches' {
  input %x:f32[1,2]
  input %y:f32[1,2]
  %w:f32[2,2] = const(1.0, 0.0, 0.0, 1.0)
  %c:f32[1,2] = const(5.0, 6.0)
  %a:f32[1,2] = dense(%x, %w, none)
  %b:f32[1,2] = add(%a, %y)
  %d:f32[1,2] = add(%b, %a) {sign=-1}
  output %a
  output %d
  output %c
  output %a
}"""


def test_outputs_in_order_also_when_read_inside_constant_or_twice() -> None:
    graph = parse_graph(BRANCHES, op_records())
    x, y = np.array([[1, 2]], np.float32), np.array([[10, 20]], np.float32)
    outputs = run_float(graph, [x, y])
    assert [y.tolist() for y in outputs] == [[[1, 2]], [[10, 20]], [[5, 6]], [[1, 2]]]


def test_the_visitor_sees_inputs_and_every_computed_value_in_order() -> None:
    graph = parse_graph(BRANCHES, op_records())
    seen: list[tuple[str, list[list[float]]]] = []
    zero = np.zeros((1, 2), np.float32)
    run_float(graph, [zero, zero + 1], lambda value, data: seen.append((value.name, data.tolist())))
    assert [name for name, _ in seen] == ["x", "y", "a", "b", "d"]
    assert seen[3] == ("b", [[1, 1]])


def test_integer_outputs_have_the_shapes_and_types_of_their_values() -> None:
    graph = quantized(build_graph(["conv", "pool", "unary", "reshape", "dense", "softmax"], 5))
    visited = {}
    inputs = [np.zeros(v.shape, dtype=np.int8) for v in graph.inputs]
    run_integer(graph, inputs, lambda value, data: visited.update({value: data}))
    assert len(visited) == len(graph.inputs) + len(graph.nodes)
    for value, data in visited.items():
        assert (data.shape, data.dtype.name) == (value.shape, value.dtype)
