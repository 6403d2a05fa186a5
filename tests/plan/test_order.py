"""The execution order: the fewest live bytes, never worse than the given order, and soon."""

import itertools
import time
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgewright.contracts import Contract
from edgewright.contracts.movement import ReshapeS8
from edgewright.ir import Graph, Node, Value
from edgewright.kernels import AnyKernel, Kernel, KernelCall, candidates
from edgewright.plan.arena import Buffer, lower_bound
from edgewright.plan.order import memory_order
from edgewright.plan.plan import overlaps_of
from edgewright.plan.storage import assign_storage
from tests.harness.graph_strategies import integer_graphs


@dataclass(frozen=True, eq=False)
class Opaque(Contract):
    """Computes something out of its inputs. over: those it may write over exactly. scratch, gap: see `Kernel`."""

    over: tuple[int, ...] = ()
    scratch: int = 0
    gap: int | None = None

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        raise NotImplementedError


class OpaqueKernel(Kernel[Opaque]):
    """Needs the memory that the contract says."""

    symbol = "opaque"
    sources = ()

    def calls(self, contract: Opaque) -> list[KernelCall]:
        return []

    def in_place(self, contract: Opaque) -> tuple[int, ...]:
        return contract.over

    def scratch_bytes(self, contract: Opaque) -> int:
        return contract.scratch

    def overlap_bytes(self, contract: Opaque) -> int | None:
        return contract.gap


def kernels_of(graph: Graph[Contract]) -> dict[Node[Contract], AnyKernel]:
    """The portable kernel of each node."""
    opaque = OpaqueKernel()
    return {n: candidates(n.op, ("c",))[0] if not isinstance(n.op, Opaque) else opaque for n in graph.nodes}


def graph_of(inputs: dict[str, int], *nodes: tuple[str, int, str, Contract] | tuple[str, int, str]) -> Graph[Contract]:
    """A graph from sizes in bytes: (output, its size, "names of inputs", operation); the last output leaves it."""
    values = {name: Value(name, (size,), "int8") for name, size in inputs.items()}
    graph = Graph[Contract]("g", list(values.values()))
    for name, size, sources, *op in nodes:
        values[name] = Value(name, (size,), "int8")
        operands: list[Value | None] = [values[source] for source in sources.split()]
        graph.nodes.append(Node(op[0] if op else Opaque(), operands, [values[name]], name))
    graph.outputs = [graph.nodes[-1].output]
    return graph


def names(nodes: list[Node[Contract]]) -> str:
    return " ".join(node.name for node in nodes)


def optimum(graph: Graph[Contract], nodes: list[Node[Contract]]) -> int:
    """The most bytes alive in one step when the planner lays out its buffers for this order."""
    ordered = Graph(graph.name, graph.inputs, graph.outputs, list(nodes))
    kernels = kernels_of(ordered)
    storage = assign_storage(ordered, kernels)
    held = list(dict.fromkeys(storage.values()))
    buffers = [Buffer(s.size, s.first, s.last) for s in held]
    sizes = [kernels[node].scratch_bytes(node.op) for node in nodes]
    buffers += [Buffer(size, step, step) for step, size in enumerate(sizes)]
    return lower_bound(buffers, overlaps_of(ordered, kernels, storage, held, {}))


def ordered_by_memory(graph: Graph[Contract]) -> list[Node[Contract]]:
    return memory_order(graph, kernels_of(graph))


def every_order(graph: Graph[Contract]) -> list[list[Node[Contract]]]:
    """All topological orders."""
    producers = graph.producers()
    return [
        list(order)
        for order in itertools.permutations(graph.nodes)
        if all(
            v not in producers or order.index(producers[v]) < order.index(node)
            for node in order
            for v in node.inputs
            if v is not None
        )
    ]


@pytest.mark.parametrize(
    ("why", "graph", "wanted"),
    [
        (
            "the branch that shrinks runs first, so that its large value is gone when the other one grows",
            graph_of({"x": 8}, ("a", 800, "x"), ("b", 800, "x"), ("c", 8, "a"), ("d", 8, "b"), ("y", 8, "c d")),
            "a c b d y",
        ),
        (
            "a value that is needed late is made late",
            graph_of({"x": 8}, ("late", 80, "x"), ("a", 64, "x"), ("b", 32, "a"), ("c", 8, "b"), ("y", 8, "c late")),
            "a b c late y",
        ),
        (
            "with equal peaks the given order stays",
            graph_of({"x": 8}, ("b", 16, "x"), ("a", 16, "x"), ("y", 8, "a b")),
            "b a y",
        ),
        (
            "a chain has one order",
            graph_of({"x": 8}, ("a", 80, "x"), ("b", 8, "a"), ("y", 80, "b")),
            "a b y",
        ),
        (
            "a reshape is no second copy: counted twice, %r would make the order a r b c y look worse",
            graph_of({"x": 8}, ("a", 80, "x"), ("b", 160, "x"), ("r", 80, "a", ReshapeS8((80,))), ("c", 8, "b"),
                     ("d", 8, "r"), ("y", 8, "c d")),
            "a r d b c y",
        ),
        (
            "an operation that writes over its input needs no second buffer, but for a value that is read again",
            graph_of({"x": 80}, ("a", 80, "x", Opaque((0,))), ("b", 80, "x"), ("c", 8, "b"), ("y", 80, "a c")),
            "b a c y",
        ),
        (
            "the one that needs much scratch memory runs while little is alive",
            graph_of({"x": 8}, ("a", 80, "x"), ("b", 8, "x", Opaque(scratch=160)), ("y", 8, "a b")),
            "b a y",
        ),
        (
            "an output that may overlap its input is nearly free, but for a value that is read again",
            graph_of({"x": 80}, ("a", 160, "x", Opaque(gap=8)), ("b", 80, "x"), ("c", 8, "b"), ("y", 8, "a c")),
            "b c a y",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) and " " in value[10:] else "",
)  # fmt: skip
def test_best_order(why: str, graph: Graph[Contract], wanted: str) -> None:
    found = ordered_by_memory(graph)
    assert names(found) == wanted
    assert optimum(graph, found) == min(optimum(graph, order) for order in every_order(graph))


@st.composite
def small_graphs(draw: st.DrawFn) -> Graph[Contract]:
    """Up to six nodes with one or two inputs each, some of them reshapes, some in place."""
    values = ["x"]
    sizes = {"x": draw(st.integers(1, 10)) * 8}
    nodes: list[tuple[str, int, str, Contract]] = []
    for k in range(draw(st.integers(2, 6))):
        sources = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True))
        kind = draw(st.integers(0, 4))
        size = sizes[sources[0]] if kind < 2 else draw(st.integers(1, 10)) * 8
        gap = draw(st.sampled_from([None, None, 0, 16]))
        op: Contract = ReshapeS8((size,)) if kind == 0 else Opaque((0,) if kind == 1 else (), 8 * (kind == 2), gap)
        values.append(f"n{k}")
        sizes[values[-1]] = size
        nodes.append((values[-1], size, " ".join(sources[:1] if kind == 0 else sources), op))
    graph = graph_of({"x": sizes["x"]}, *nodes)
    graph.outputs += draw(st.lists(st.sampled_from([node.output for node in graph.nodes]), max_size=2))
    graph.prune()
    return graph


@settings(max_examples=150, deadline=None)
@given(small_graphs())
def test_no_order_of_a_small_graph_needs_less(graph: Graph[Contract]) -> None:
    """By the storages that the planner really lays out."""
    found = optimum(graph, ordered_by_memory(graph))
    assert found == min(optimum(graph, order) for order in every_order(graph))


@settings(max_examples=60, deadline=None)
@given(integer_graphs())
def test_never_worse_than_the_given_order_and_always_valid(graph: Graph[Contract]) -> None:
    found = ordered_by_memory(graph)
    assert sorted(map(id, found)) == sorted(map(id, graph.nodes))
    assert optimum(graph, found) <= optimum(graph, graph.nodes)
    graph.nodes = found
    graph.verify()


@pytest.mark.parametrize(("branches", "length"), [(60, 5), (12, 12), (2, 150)])
def test_a_graph_with_too_many_orders_keeps_its_own_soon(branches: int, length: int) -> None:
    """Wide graphs have more sets of executed nodes than atoms; the search is cut off."""
    nodes: list[tuple[str, int, str]] = []
    for b in range(branches):
        source = "x"
        for k in range(length):
            nodes.append((f"n{b}.{k}", 8 * (3 + (b * 37 + k * 11) % 50), source))
            source = nodes[-1][0]
    last = " ".join(f"n{b}.{length - 1}" for b in range(branches))
    graph = graph_of({"x": 80}, *nodes, ("y", 8, last))
    begin = time.monotonic()
    found = ordered_by_memory(graph)
    assert time.monotonic() - begin < 5
    assert optimum(graph, found) <= optimum(graph, graph.nodes)
