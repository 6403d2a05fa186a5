"""A graph that can be changed without changing the one it comes from."""

from __future__ import annotations

from dataclasses import replace

from edgewright.ir import Graph, Node, Value
from edgewright.ops import Op


def clone(graph: Graph[Op]) -> Graph[Op]:
    """The same graph with nodes and values of its own; the contents of constants are shared, not copied."""
    new: dict[Value, Value] = {value: replace(value) for value in graph.values()}
    nodes = [
        Node(node.op, [None if v is None else new[v] for v in node.inputs], [new[v] for v in node.outputs], node.name)
        for node in graph.nodes
    ]
    return Graph(graph.name, [new[v] for v in graph.inputs], [new[v] for v in graph.outputs], nodes)
