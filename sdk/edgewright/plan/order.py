"""The execution order that keeps the fewest bytes alive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edgewright.contracts import Contract
from edgewright.contracts.movement import ReshapeS8
from edgewright.ir import Graph, Node, Value
from edgewright.kernels import AnyKernel
from edgewright.plan.arena import aligned

#: Steps tried at most, which bounds the time to about a second. A chain needs one per node, two branches of a hundred
#: nodes 20,000.
STATE_LIMIT = 25_000


def memory_order(graph: Graph[Contract], kernels: Mapping[Node[Contract], AnyKernel]) -> list[Node[Contract]]:
    """Nodes in a topological order with the least peak of live bytes; the given order when none is better, or when
    the search grows too large.

    A search over sets of executed nodes: the bytes alive depend on the set alone, and of all ways to it only the
    one with the lowest peak matters. Ways that are no better than the given order are dropped.
    """
    live = _LiveBytes(graph, kernels)
    given_peak = live.given_peak()
    states = {0: _State(0, (), live.at_start, live.ready_at_start)}
    tried = 0
    for _ in graph.nodes:
        following: dict[int, _State] = {}
        for done, state in states.items():
            for i in state.ready:
                tried += 1
                if tried > STATE_LIMIT:
                    return list(graph.nodes)
                peak = max(state.peak, state.live + live.needed(done, i))
                if peak >= given_peak:
                    continue
                grown, path = done | 1 << i, (*state.path, i)
                known = following.get(grown)
                if known is None or (peak, path) < (known.peak, known.path):
                    following[grown] = _State(peak, path, state.live + live.kept(done, i), live.ready(state, grown, i))
        states = following
    return [graph.nodes[i] for state in states.values() for i in state.path] or list(graph.nodes)


@dataclass(frozen=True, eq=False)
class _State:
    """The best way to a set of executed nodes. ready: the nodes that may run next."""

    peak: int
    path: tuple[int, ...]
    live: int
    ready: tuple[int, ...]


@dataclass(frozen=True)
class _KernelMemory:
    """What a kernel says about memory, see `Kernel`; scratch: bytes, aligned."""

    scratch: int
    in_place: tuple[int, ...]
    overlap: int | None

    @classmethod
    def of(cls, kernel: AnyKernel, node: Node[Contract]) -> _KernelMemory:
        return cls(aligned(kernel.scratch_bytes(node.op)), kernel.in_place(node.op), kernel.overlap_bytes(node.op))


class _LiveBytes:
    """Bytes alive before, while and after a node runs. Sets of nodes are bits of an integer.

    Values that a reshape joins are one piece of memory; a kernel may need scratch memory, and may write over an input
    that nothing reads after it.
    """

    def __init__(self, graph: Graph[Contract], kernels: Mapping[Node[Contract], AnyKernel]) -> None:
        self.memory = [_KernelMemory.of(kernels[node], node) for node in graph.nodes]
        self.root: dict[Value, Value] = {v: v for v in graph.inputs}
        self.readers: dict[Value, int] = {}
        self.needs: list[int] = []
        makers: dict[Value, int] = {}
        for i, node in enumerate(graph.nodes):
            inputs = [v for v in node.inputs if v is not None and not v.is_const]
            for value in inputs:
                root = self.root[value]
                self.readers[root] = self.readers.get(root, 0) | 1 << i
            aliased = isinstance(node.op, ReshapeS8) and bool(inputs)
            for out in node.outputs:
                self.root[out] = self.root[inputs[0]] if aliased else out
            self.needs.append(sum({1 << makers[v] for v in inputs if v in makers}))
            makers.update(dict.fromkeys(node.outputs, i))
        self.leaving = {self.root[v] for v in graph.outputs if not v.is_const}
        self.nodes = graph.nodes
        self.followers = [[k for k, need in enumerate(self.needs) if need >> i & 1] for i in range(len(self.nodes))]
        self.at_start = sum(aligned(v.nbytes) for v in graph.inputs if v in self.readers or v in self.leaving)
        self.ready_at_start = tuple(i for i, need in enumerate(self.needs) if not need)

    def needed(self, done: int, i: int) -> int:
        """Bytes that node i needs beside what is alive after the nodes `done`."""
        node, memory = self.nodes[i], self.memory[i]
        new = self._new(node)
        if not new:
            return memory.scratch
        roots = [self.root.get(v) for v in node.inputs if v is not None]
        for index in memory.in_place:
            value = node.inputs[index]
            if value is None or value.is_const or value.nbytes != node.output.nbytes:
                continue
            if roots.count(self.root[value]) == 1 and self._dies(value, done | 1 << i):
                return memory.scratch
        first = node.inputs[0]
        if memory.overlap is not None and first is not None and not first.is_const and self._dies(first, done | 1 << i):
            joined = aligned(max(node.output.nbytes, memory.overlap + first.nbytes))
            new = min(new, joined - aligned(first.nbytes))
        return memory.scratch + new

    def kept(self, done: int, i: int) -> int:
        """How many bytes more are alive behind node i than before it."""
        node = self.nodes[i]
        touched = [v for v in (*node.inputs, *node.outputs) if v is not None and not v.is_const]
        dead = {self.root[v] for v in touched if self._dies(v, done | 1 << i)}
        return self._new(node) - sum(aligned(v.nbytes) for v in dead)

    def ready(self, state: _State, grown: int, i: int) -> tuple[int, ...]:
        """The nodes that may run behind node i, which leaves the nodes `grown` done."""
        freed = [k for k in self.followers[i] if self.needs[k] & ~grown == 0]
        return tuple(sorted({*state.ready, *freed} - {i}))

    def given_peak(self) -> int:
        """The most bytes alive in the given order."""
        peak, live, done = 0, self.at_start, 0
        for i in range(len(self.nodes)):
            peak = max(peak, live + self.needed(done, i))
            live += self.kept(done, i)
            done |= 1 << i
        return peak

    def _new(self, node: Node[Contract]) -> int:
        return sum(aligned(v.nbytes) for v in node.outputs if self.root[v] is v)

    def _dies(self, value: Value, done: int) -> bool:
        root = self.root[value]
        return root not in self.leaving and self.readers.get(root, 0) & ~done == 0
