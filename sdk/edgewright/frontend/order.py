"""Which nodes of a model matter, and in which order they can be computed."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from onnx import GraphProto, NodeProto


def nodes_in_order(graph: GraphProto) -> list[NodeProto]:
    """The nodes that an output depends on, producers first and otherwise as they stand.

    With them stay QuantizeLinear nodes that say the scale of what else nobody reads: y of an LSTM that gives its last
    state. Nodes of a cycle, which have no order, come last.
    """
    nodes = list(graph.node)
    makers: dict[str, list[int]] = {}
    for index, node in enumerate(nodes):
        for name in filter(None, node.output):
            makers.setdefault(name, []).append(index)
    needs = [{k for name in names_read(node) for k in makers.get(name, ())} for node in nodes]
    live = _reached([k for info in graph.output for k in makers.get(info.name, ())], needs)
    made = {name for index in live for name in nodes[index].output}
    unread = made.difference(name for index in live for name in names_read(nodes[index]))
    live |= _reached([k for k, n in enumerate(nodes) if n.op_type == "QuantizeLinear" and n.input[0] in unread], needs)
    readers: dict[int, list[int]] = {}
    waiting = {index: len(needs[index]) for index in live}
    for index in live:
        for needed in needs[index]:
            readers.setdefault(needed, []).append(index)
    ready = [index for index, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        index = heapq.heappop(ready)
        order.append(index)
        for reader in readers.get(index, ()):
            waiting[reader] -= 1
            if waiting[reader] == 0:
                heapq.heappush(ready, reader)
    return [nodes[k] for k in [*order, *sorted(live.difference(order))]]


def _reached(frontier: list[int], needs: list[set[int]]) -> set[int]:
    """The nodes of `frontier` and all that they need."""
    found: set[int] = set()
    while frontier:
        index = frontier.pop()
        if index not in found:
            found.add(index)
            frontier += needs[index]
    return found


def names_read(node: NodeProto) -> Iterator[str]:
    """The names that a node reads, those inside its branches too."""
    yield from filter(None, node.input)
    for attribute in node.attribute:
        for branch in (attribute.g, *attribute.graphs):
            yield from (info.name for info in branch.output)
            for inner in branch.node:
                yield from names_read(inner)
