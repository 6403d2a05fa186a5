"""Runs a graph in NumPy: the float one for calibration, the integer one as the reference for all places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from edgewright.contracts import Contract
from edgewright.ir import AnyGraph, Graph, Node, Value
from edgewright.ir.graph import OperationT
from edgewright.ops import Op

Visitor = Callable[[Value, np.ndarray], None]


def run_float(graph: Graph[Op], inputs: Sequence[np.ndarray], visit: Visitor | None = None) -> list[np.ndarray]:
    """The outputs of a float graph; `visit` sees the inputs and every computed value.

    A value that has a scale is rounded to it and saturated, as the model that says so does; saturation may be its Relu.
    """

    def compute(node: Node[Op], operands: list[np.ndarray | None]) -> Sequence[np.ndarray]:
        results = node.op.evaluate(*operands)
        return [under_its_scale(value, data) for value, data in zip(node.outputs, results, strict=False)]

    rounded = [under_its_scale(value, data) for value, data in zip(graph.inputs, inputs, strict=True)]
    return _run(graph, rounded, compute, visit)


def under_its_scale(value: Value, data: np.ndarray) -> np.ndarray:
    """`data` of `value` rounded to its scale and saturated; as it is where it has none."""
    if value.quant is None or value.dtype != "float32":
        return data
    return value.quant.dequantize(value.quant.quantize(data))


def run_integer(graph: Graph[Contract], inputs: Sequence[np.ndarray], visit: Visitor | None = None) -> list[np.ndarray]:
    """The outputs of an integer graph, bit-exact; inputs are int8 in the graph's own layout."""

    def compute(node: Node[Contract], operands: list[np.ndarray | None]) -> Sequence[np.ndarray]:
        result = node.op.reference(*[v for v in operands if v is not None])
        return [result.reshape(node.output.shape)]

    return _run(graph, inputs, compute, visit)


def _run(
    graph: Graph[OperationT],
    inputs: Sequence[np.ndarray],
    compute: Callable[[Node[OperationT], list[np.ndarray | None]], Sequence[np.ndarray]],
    visit: Visitor | None,
) -> list[np.ndarray]:
    known: dict[Value, np.ndarray] = dict(zip(graph.inputs, inputs, strict=True))
    if visit is not None:
        for value, data in known.items():
            visit(value, data)
    last_use = _last_uses(graph)
    for index, node in enumerate(graph.nodes):
        operands = [None if v is None else (known[v] if v.data is None else v.data) for v in node.inputs]
        for value, data in zip(node.outputs, compute(node, operands), strict=False):
            known[value] = data
            if visit is not None:
                visit(value, data)
        for value in last_use.get(index, ()):
            known.pop(value, None)
    return [known[v] if v.data is None else v.data for v in graph.outputs]


def _last_uses(graph: AnyGraph) -> Mapping[int, list[Value]]:
    """Node index -> values that nothing reads after it."""
    last: dict[Value, int] = {}
    for index, node in enumerate(graph.nodes):
        last.update({v: index for v in node.inputs if v is not None and v.data is None})
    by_node: dict[int, list[Value]] = {}
    for value, index in last.items():
        if not graph.is_output(value):
            by_node.setdefault(index, []).append(value)
    return by_node
