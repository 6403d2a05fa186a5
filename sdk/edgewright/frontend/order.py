"""Which nodes of a model matter, and in which order they can be computed."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from onnx import GraphProto, NodeProto


def nodes_in_order(graph: GraphProto) -> list[NodeProto]:
    """The nodes that an output depends on, producers first and otherwise as they stand.

    Nodes of a cycle, which have no order, come last.
    """
    nodes = list(graph.node)
    makers: dict[str, list[int]] = {}
    for index, node in enumerate(nodes):
        for name in filter(None, node.output):
            makers.setdefault(name, []).append(index)
    needs = [{k for name in names_read(node) for k in makers.get(name, ())} for node in nodes]
    live: set[int] = set()
    frontier = [k for info in graph.output for k in makers.get(info.name, ())]
    while frontier:
        index = frontier.pop()
        if index not in live:
            live.add(index)
            frontier += needs[index]
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


def names_read(node: NodeProto) -> Iterator[str]:
    """The names that a node reads, those inside its branches too."""
    yield from filter(None, node.input)
    for attribute in node.attribute:
        for branch in (attribute.g, *attribute.graphs):
            yield from (info.name for info in branch.output)
            for inner in branch.node:
                yield from names_read(inner)
