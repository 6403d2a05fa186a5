"""Multiply-accumulates of float graphs."""

from edgewright.ir import Graph, Node
from edgewright.ops.base import Op


def node_macs(node: Node[Op]) -> int:
    """Multiply-accumulates of one node."""
    return node.op.macs([None if v is None else v.shape for v in node.inputs], node.outputs[0].shape)


def total_macs(graph: Graph[Op]) -> int:
    """Multiply-accumulates of all nodes."""
    return sum(map(node_macs, graph.nodes))
