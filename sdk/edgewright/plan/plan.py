"""The plan: which kernel runs each layer, in which order, and where in the arena."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edgewright.contracts import Contract
from edgewright.errors import UnsupportedError
from edgewright.ir import Graph, Node, Value
from edgewright.kernels import Kernel, KernelCall, candidates
from edgewright.plan.arena import Buffer, Overlaps, assign_offsets, live_bytes, lower_bound
from edgewright.plan.order import memory_order
from edgewright.plan.storage import Storage, assign_storage


@dataclass(frozen=True, eq=False)
class Layer:
    """One node that runs: its kernel, its calls, and the offset of its scratch memory in the arena."""

    node: Node
    kernel: Kernel
    calls: list[KernelCall]
    scratch_offset: int
    scratch_bytes: int

    @property
    def contract(self) -> Contract:
        """The contract that the layer computes."""
        assert isinstance(self.node.op, Contract)
        return self.node.op


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything the emitter needs.

    layers: in execution order, without those that cost nothing (reshapes). offsets: of every activation in
    the arena. arena_bytes: its size. optimum_bytes: the most bytes alive in one step, which no plan of these
    buffers can undercut. peak_layer: name of the layer that sets it. lifetimes: (value, first, last) per storage.
    """

    graph: Graph
    layers: list[Layer]
    offsets: dict[Value, int]
    arena_bytes: int
    optimum_bytes: int
    peak_layer: str
    storages: list[Storage]


def make_plan(graph: Graph, isas: Sequence[str], goal: str = "balanced") -> Plan:
    """Plan the integer `graph` for a CPU with the kernel variants `isas`.

    goal: "time", "ram", "flash" or "balanced".

    Raises:
        UnsupportedError: a contract has no kernel, or nothing is left to compute.
    """
    chosen = _choose(graph, isas, goal)
    if not any(kernel.symbol for kernel in chosen.values()):
        raise UnsupportedError(graph.name, ["every output is an input in another shape; there is nothing to compute"])
    graph.nodes = memory_order(graph, chosen)
    storage = assign_storage(graph, chosen)
    storages = list(dict.fromkeys(storage.values()))
    buffers = [Buffer(s.size, s.first, s.last) for s in storages]
    scratch: dict[Node, int] = {}
    for step, node in enumerate(graph.nodes):
        assert isinstance(node.op, Contract)
        size = chosen[node].scratch_bytes(node.op)
        if size:
            scratch[node] = len(buffers)
            buffers.append(Buffer(size, step, step))
    overlaps = overlaps_of(graph, chosen, storage, storages)
    offsets, arena_bytes = assign_offsets(buffers, overlaps)
    layers = []
    for node in graph.nodes:
        assert isinstance(node.op, Contract)
        calls = chosen[node].calls(node.op)
        if calls:
            at = scratch.get(node)
            where = (offsets[at], buffers[at].size) if at is not None else (0, 0)
            layers.append(Layer(node, chosen[node], calls, *where))
    return Plan(
        graph,
        layers,
        {value: offsets[storages.index(held)] for value, held in storage.items()},
        arena_bytes,
        lower_bound(buffers, overlaps),
        _peak_layer(graph, buffers, overlaps),
        storages,
    )


def _choose(graph: Graph, isas: Sequence[str], goal: str) -> dict[Node, Kernel]:
    chosen: dict[Node, Kernel] = {}
    reasons = []
    for node in graph.nodes:
        assert isinstance(node.op, Contract)
        fitting = candidates(node.op, isas, goal)
        if fitting:
            chosen[node] = fitting[0]
        else:
            reasons.append(f"'{node.name}': no kernel for {node.op.mnemonic}")
    if reasons:
        raise UnsupportedError(graph.name, reasons)
    return chosen


def overlaps_of(
    graph: Graph, chosen: Mapping[Node, Kernel], storage: dict[Value, Storage], storages: list[Storage]
) -> Overlaps:
    """Where a kernel writes behind what it still reads, its output may overlap the input that dies there."""
    position = {id(held): i for i, held in enumerate(storages)}
    distance: dict[tuple[int, int], int] = {}
    for step, node in enumerate(graph.nodes):
        assert isinstance(node.op, Contract)
        gap = chosen[node].overlap_bytes(node.op)
        source = node.inputs[0]
        if gap is None or source is None or source.is_const:
            continue
        x, y = storage[source], storage[node.output]
        if x is not y and x.last == step and y.first == step:
            distance[position[id(y)], position[id(x)]] = gap
    return Overlaps(distance)


def _peak_layer(graph: Graph, buffers: Sequence[Buffer], overlaps: Overlaps) -> str:
    """Name of the node during which the most bytes are alive."""
    alive = [live_bytes(step, buffers, overlaps) for step in range(len(graph.nodes))]
    return graph.nodes[alive.index(max(alive))].name
