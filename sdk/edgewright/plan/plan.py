"""The plan: which kernel runs each layer, in which order, and where in the arena."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from edgewright.contracts import Contract
from edgewright.contracts.movement import StackRowsS8
from edgewright.errors import UnsupportedError, UsageError
from edgewright.ir import Graph, Node, Value
from edgewright.kernels import AnyKernel, Goal, KernelCall, all_kernels
from edgewright.plan.arena import Buffer, Overlaps, assign_offsets, live_bytes, lower_bound
from edgewright.plan.choice import choose_kernels
from edgewright.plan.order import memory_order
from edgewright.plan.shares import Share, whole
from edgewright.plan.split import SplitKernel, split_kernels
from edgewright.plan.storage import Storage, assign_storage
from edgewright.plan.streaming import stream_rows


@dataclass(frozen=True, eq=False)
class Run:
    """What one thread does of a layer: its calls, its share of the tensors, its scratch memory in the arena."""

    calls: list[KernelCall]
    share: Share
    scratch_offset: int


@dataclass(frozen=True, eq=False)
class Layer:
    """One node that runs: its kernel, what each thread does, and the bytes of scratch memory of all."""

    node: Node[Contract]
    kernel: AnyKernel
    runs: list[Run]
    scratch_bytes: int

    @property
    def calls(self) -> list[KernelCall]:
        """The calls of all threads."""
        return [call for run in self.runs for call in run.calls]

    @property
    def contract(self) -> Contract:
        """The contract that the layer computes."""
        return self.node.op


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything the emitter needs.

    layers: in execution order, without those that cost nothing (reshapes). offsets: of every activation in
    the arena. arena_bytes: its size. optimum_bytes: the most bytes alive in one step, which no plan of these
    buffers can undercut. peak_layer: name of the layer that sets it. lifetimes: (value, first, last) per storage.
    """

    graph: Graph[Contract]
    layers: list[Layer]
    offsets: dict[Value, int]
    arena_bytes: int
    optimum_bytes: int
    peak_layer: str
    storages: list[Storage]

    @property
    def threads(self) -> int:
        """The most threads that work on one layer."""
        return max(len(layer.runs) for layer in self.layers)


def make_plan(graph: Graph[Contract], isas: Sequence[str], goal: Goal = Goal.BALANCED, threads: int = 1) -> Plan:
    """Plan the integer `graph`, which stays as it is, for a CPU with the kernel variants `isas`.

    threads: how many may work on one layer.

    Raises:
        UsageError: no kernel is written for one of `isas`.
        UnsupportedError: a contract has no kernel, or nothing is left to compute.
    """
    known = {kernel.isa for kernel in all_kernels()}
    if unknown := [isa for isa in isas if isa not in known]:
        raise UsageError(f"isas: no kernel is written for '{unknown[0]}'; known: {', '.join(sorted(known))}")
    layout = _Layout(graph, isas, goal, threads)
    if not any(kernel.symbol for kernel in layout.kernels.values()):
        raise UnsupportedError(graph.name, ["every output is an input in another shape; there is nothing to compute"])
    if goal == Goal.RAM:
        graph = stream_rows(
            layout.graph, lambda candidate, quick: _Layout(candidate, isas, goal, threads).measured(quick)
        )
        layout = _Layout(graph, isas, goal, threads)
    offsets, arena_bytes = assign_offsets(layout.buffers, layout.overlaps)
    layers = []
    for node in layout.graph.nodes:
        at = layout.scratch.get(node)
        scratch_offset, scratch_bytes = (offsets[at], layout.buffers[at].size) if at is not None else (0, 0)
        runs = _runs(node, layout.kernels[node], scratch_offset)
        if runs[0].calls:
            layers.append(Layer(node, layout.kernels[node], runs, scratch_bytes))
    position = {id(held): offsets[i] for i, held in enumerate(layout.storages)}
    return Plan(
        layout.graph,
        layers,
        {value: position[id(held)] + held.inside.get(value, 0) for value, held in layout.storage.items()},
        arena_bytes,
        lower_bound(layout.buffers, layout.overlaps),
        layout.graph.nodes[layout.peak_step()].name,
        layout.storages,
    )


def _runs(node: Node[Contract], kernel: AnyKernel, scratch_offset: int) -> list[Run]:
    """What each thread does of a node."""
    if not isinstance(kernel, SplitKernel):
        sizes = tuple(v.nbytes if v is not None else 0 for v in node.inputs)
        return [Run(kernel.calls(node.op), whole(node.op, sizes, node.output.nbytes), scratch_offset)]
    return [
        Run(kernel.kernel.calls(share.contract), share, scratch_offset + offset)
        for share, offset in zip(kernel.shares, kernel.scratch_offsets, strict=True)
    ]


class _Layout:
    """What the arena has to hold when `graph` runs on the best kernels: buffers, and which of them may overlap."""

    def __init__(self, graph: Graph[Contract], isas: Sequence[str], goal: Goal, threads: int) -> None:
        self.kernels = choose_kernels(graph, isas, goal)
        if threads > 1:
            self.kernels = split_kernels(graph, self.kernels, threads)
        if not any(isinstance(node.op, StackRowsS8) for node in graph.nodes):
            graph = replace(graph, nodes=memory_order(graph, self.kernels))
        self.graph = graph
        self.storage = assign_storage(graph, self.kernels)
        self.storages = list(dict.fromkeys(self.storage.values()))
        self.buffers = [Buffer(s.size, s.first, s.last) for s in self.storages]
        self.scratch: dict[Node[Contract], int] = {}
        for step, node in enumerate(graph.nodes):
            size = self.kernels[node].scratch_bytes(node.op)
            if size:
                self.scratch[node] = len(self.buffers)
                self.buffers.append(Buffer(size, step, step))
        self.overlaps = overlaps_of(graph, self.kernels, self.storage, self.storages, self.scratch)

    def peak_step(self) -> int:
        """The step in which the most bytes are alive."""
        alive = [live_bytes(step, self.buffers, self.overlaps) for step in range(len(self.graph.nodes))]
        return alive.index(max(alive))

    def measured(self, quick: bool) -> tuple[int, int]:
        """Bytes of arena (when quick: no arena can be smaller), and the step that sets them."""
        if quick:
            return lower_bound(self.buffers, self.overlaps), 0
        return assign_offsets(self.buffers, self.overlaps)[1], self.peak_step()


def overlaps_of(
    graph: Graph[Contract],
    chosen: Mapping[Node[Contract], AnyKernel],
    storage: dict[Value, Storage],
    storages: list[Storage],
    scratch: Mapping[Node[Contract], int],
) -> Overlaps:
    """Where a kernel writes behind what it still reads, its output or scratch may overlap the input that dies there.

    scratch: index of the buffer of each node that has scratch memory, as in the result; `storages` come first.
    """
    position = {id(held): i for i, held in enumerate(storages)}
    distance: dict[tuple[int, int], int] = {}
    for step, node in enumerate(graph.nodes):
        stacks = isinstance(node.op, StackRowsS8)
        source = node.inputs[-1 if stacks else 0] if node.inputs else None
        if source is None or source.is_const:
            continue
        x, y = storage[source], storage[node.output]
        if x is y or x.last != step or source in x.inside:
            continue
        gap = chosen[node].overlap_bytes(node.op)
        if gap is not None and (stacks or (y.first == step and node.output not in y.inside)):
            distance[position[id(y)], position[id(x)]] = gap
        gap = chosen[node].scratch_overlap_bytes(node.op)
        if gap is not None and node in scratch:
            distance[scratch[node], position[id(x)]] = gap
    return Overlaps(distance)
