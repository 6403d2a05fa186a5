"""A graph that can be changed without changing the one it comes from."""

from __future__ import annotations

from dataclasses import replace

from edgewright.ir.graph import Graph, Node, OperationT, Value


def clone(graph: Graph[OperationT]) -> Graph[OperationT]:
    """The same graph with nodes and values of its own; the contents of constants are shared, not copied."""
    return clone_with_values(graph)[0]


def clone_with_values(graph: Graph[OperationT]) -> tuple[Graph[OperationT], dict[Value, Value]]:
    """A clone, and the values of `graph` with what stands for each in it."""
    new: dict[Value, Value] = {value: replace(value) for value in graph.values()}
    nodes = [
        Node(node.op, [None if v is None else new[v] for v in node.inputs], [new[v] for v in node.outputs], node.name)
        for node in graph.nodes
    ]
    return Graph(graph.name, [new[v] for v in graph.inputs], [new[v] for v in graph.outputs], nodes), new
