"""Collects element-wise functions of one value, however many nodes they take, into one table operation."""

from __future__ import annotations

from edgewright.ir import Graph, Node, Value
from edgewright.ops import Op
from edgewright.ops.clip import Clip
from edgewright.ops.compare import Compare
from edgewright.ops.elementwise import Binary
from edgewright.ops.fused import FusedUnary
from edgewright.ops.unary import Unary

#: A region has at most so many nodes: growing one takes time for each node that it could end in.
MAX_REGION = 128


def fuse_unary(graph: Graph[Op]) -> int:
    """A region of element-wise nodes with one dynamic source and scalar constants becomes one `FusedUnary`.

    Order: from the last node on, so that the largest region is found first.
    """
    fused, gone = 0, set[Node[Op]]()
    readers, producers = graph.consumer_map(), graph.producers()
    position = {node: k for k, node in enumerate(graph.nodes)}
    for node in reversed(list(graph.nodes)):
        if node in gone or not _is_elementwise(node):
            continue
        source, nodes = _region(graph, node, readers, producers)
        if source is not None and len(nodes) > 1:
            new = _collapse(graph, node, source, sorted(nodes, key=lambda n: position[n]))
            gone.update(nodes)
            readers[source] = [n for n in readers[source] if n not in gone] + [new]
            readers[new.output] = readers.pop(node.output, [])
            producers[new.output] = new
            fused += 1
    return fused


def _is_elementwise(node: Node[Op]) -> bool:
    if isinstance(node.op, Unary | Clip | Compare):
        return True
    return isinstance(node.op, Binary) and all(
        v is not None and (v.size == 1 if v.is_const else v.shape == node.output.shape) for v in node.inputs
    )


def _region(
    graph: Graph[Op], root: Node[Op], readers: dict[Value, list[Node[Op]]], producers: dict[Value, Node[Op]]
) -> tuple[Value | None, list[Node[Op]]]:
    """The largest region above `root` that computes a function of one value: (source, nodes), or None and no nodes.

    Grown node by node: taking in a producer is allowed while all its readers are inside; the region is
    valid whenever exactly one dynamic value enters it.
    """
    inside, order = {root}, [root]
    entering = {v for v in root.inputs if v is not None and not v.is_const}
    source, size = None, 0
    while True:
        if len(entering) == 1:
            source, size = next(iter(entering)), len(order)
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
        if grown is None or len(order) == MAX_REGION:
            return source, order[:size]
        inside.add(grown)
        order.append(grown)
        entering.difference_update(grown.outputs)
        for value in grown.inputs:
            if value is not None and not value.is_const and producers.get(value) not in inside:
                entering.add(value)


def _collapse(graph: Graph[Op], root: Node[Op], source: Value, nodes: list[Node[Op]]) -> Node[Op]:
    entry = Value(source.name, source.shape)
    body: Graph[Op] = Graph(root.name, [entry], [root.output], [])
    for node in nodes:
        body.nodes.append(Node(node.op, [entry if v is source else v for v in node.inputs], node.outputs, node.name))
    result = Value(root.output.name, root.output.shape, root.output.dtype, None, root.output.quant)
    at = graph.nodes.index(root)
    new: Node[Op] = Node(FusedUnary(body), [source], [result], root.name)
    graph.nodes[at] = new
    inner = set(nodes)
    graph.nodes = [n for n in graph.nodes if n not in inner]
    graph.replace_uses(root.output, result)
    return new
