"""The execution order that keeps the fewest bytes alive."""

from __future__ import annotations

from edgewright.ir import Graph, Node, Value

#: States explored at most; a chain needs one per node, and real branches few more.
STATE_LIMIT = 20_000


def memory_order(graph: Graph) -> list[Node]:
    """Nodes in a topological order with the least peak of live bytes; the given order when it ties or the
    search grows too large.

    A search over sets of executed nodes: the peak up to a set is what matters, the bytes alive depend on
    the set alone.
    """
    nodes = graph.nodes
    index = {id(n): i for i, n in enumerate(nodes)}
    producers = graph.producers()
    needs = [frozenset(index[id(producers[v])] for v in n.inputs if v is not None and v in producers) for n in nodes]
    alive_bytes = _LiveBytes(graph, index)
    states: dict[frozenset[int], tuple[int, tuple[int, ...]]] = {frozenset(): (0, ())}
    explored = 0
    for _ in range(len(nodes)):
        following: dict[frozenset[int], tuple[int, tuple[int, ...]]] = {}
        for done, (peak, path) in states.items():
            for i in range(len(nodes)):
                if i in done or not needs[i] <= done:
                    continue
                grown = done | {i}
                new_peak = max(peak, alive_bytes.during(done, i))
                key = (new_peak, (*path, i))
                if grown not in following or key < following[grown]:
                    following[grown] = key
                explored += 1
        if explored > STATE_LIMIT:
            return list(nodes)
        states = following
    ((best_peak, path),) = states.values()
    given_peak = alive_bytes.peak(range(len(nodes)))
    return list(nodes) if given_peak <= best_peak else [nodes[i] for i in path]


class _LiveBytes:
    """Bytes alive while a node runs, given which nodes ran before."""

    def __init__(self, graph: Graph, index: dict[int, int]) -> None:
        self.nodes = graph.nodes
        self.readers: dict[Value, frozenset[int]] = {
            v: frozenset(index[id(n)] for n in readers) for v, readers in graph.consumer_map().items()
        }
        self.maker = {out: i for i, n in enumerate(graph.nodes) for out in n.outputs}
        self.values = [v for v in graph.values() if not v.is_const]
        self.outputs = set(graph.outputs)

    def during(self, done: frozenset[int], i: int) -> int:
        """Bytes alive while node i runs after the nodes `done`."""
        total = 0
        for value in self.values:
            maker = self.maker.get(value)
            born = maker is None or maker in done or maker == i
            if born and (value in self.outputs or maker == i or not self.readers.get(value, frozenset()) <= done):
                total += value.nbytes
        return total

    def peak(self, order: range) -> int:
        done: frozenset[int] = frozenset()
        best = 0
        for i in order:
            best = max(best, self.during(done, i))
            done |= {i}
        return best
