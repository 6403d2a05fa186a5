"""Collects element-wise functions of one value, however many nodes they take, into one table operation."""

from __future__ import annotations

from edgewright.ir import Graph, Node, Value
from edgewright.ops import Op
from edgewright.ops.clip import Clip
from edgewright.ops.compare import Compare
from edgewright.ops.elementwise import Binary
from edgewright.ops.fused import FusedUnary
from edgewright.ops.unary import Unary


def fuse_unary(graph: Graph[Op]) -> int:
    """A region of element-wise nodes with one dynamic source and scalar constants becomes one `FusedUnary`.

    Order: from the last node on, so that the largest region is found first.
    """
    fused = 0
    for node in reversed(list(graph.nodes)):
        if node in graph.nodes and _is_elementwise(node):
            region = _region(graph, node)
            if region is not None and len(region[1]) > 1:
                _collapse(graph, node, *region)
                fused += 1
    return fused


def _is_elementwise(node: Node[Op]) -> bool:
    if isinstance(node.op, Unary | Clip | Compare):
        return True
    return isinstance(node.op, Binary) and all(
        v is not None and (v.size == 1 if v.is_const else v.shape == node.output.shape) for v in node.inputs
    )


def _region(graph: Graph[Op], root: Node[Op]) -> tuple[Value, list[Node[Op]]] | None:
    """The largest region above `root` that computes a function of one value: (source, nodes in order).

    Grown node by node: taking in a producer is allowed while all its readers are inside; the region is
    valid whenever exactly one dynamic value enters it.
    """
    readers, producers = graph.consumer_map(), graph.producers()
    inside = [root]
    best: tuple[Value, list[Node[Op]]] | None = None
    while True:
        entering = {v for n in inside for v in n.inputs if v is not None and not v.is_const}
        entering -= {out for n in inside for out in n.outputs}
        if len(entering) == 1:
            best = (next(iter(entering)), [n for n in graph.nodes if n in inside])
        grown = next(
            (
                producers[v]
                for v in sorted(entering, key=lambda v: v.name)
                if v in producers
                and v.quant is None
                and not graph.is_output(v)
                and _is_elementwise(producers[v])
                and all(reader in inside for reader in readers[v])
            ),
            None,
        )
        if grown is None:
            return best
        inside.append(grown)


def _collapse(graph: Graph[Op], root: Node[Op], source: Value, nodes: list[Node[Op]]) -> None:
    entry = Value(source.name, source.shape)
    body: Graph[Op] = Graph(root.name, [entry], [root.output], [])
    for node in nodes:
        body.nodes.append(Node(node.op, [entry if v is source else v for v in node.inputs], node.outputs, node.name))
    result = Value(root.output.name, root.output.shape, root.output.dtype, None, root.output.quant)
    at = graph.nodes.index(root)
    graph.nodes[at] = Node(FusedUnary(body), [source], [result], root.name)
    graph.nodes = [n for n in graph.nodes if n not in nodes]
    graph.replace_uses(root.output, result)
