"""Which values share memory, and how long each piece of memory lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edgewright.contracts import Contract
from edgewright.contracts.movement import ReshapeS8
from edgewright.ir import Graph, Node, Value
from edgewright.kernels import Kernel


@dataclass(eq=False)
class Storage:
    """One piece of the arena. values: who lives in it, one after another or under other shapes.

    first, last: steps (node indices; -1 before the first one) in which it must not be touched by others.
    """

    size: int
    first: int
    last: int
    values: list[Value] = field(default_factory=list)


def assign_storage(graph: Graph, kernels: Mapping[Node, Kernel]) -> dict[Value, Storage]:
    """Storage of every activation: a reshape shares its input's, and so does what its kernel runs in place."""
    last_use = dict.fromkeys(graph.inputs, -1)
    for step, node in enumerate(graph.nodes):
        last_use.update({v: step for v in node.inputs if v is not None and not v.is_const})
        last_use.update(dict.fromkeys(node.outputs, step))
    last_use.update({v: len(graph.nodes) for v in graph.outputs if not v.is_const})
    storage: dict[Value, Storage] = {}
    for value in graph.inputs:
        storage[value] = Storage(value.nbytes, -1, last_use[value], [value])
    for step, node in enumerate(graph.nodes):
        shared = _reusable(node, kernels[node], step, storage)
        out = node.output
        if shared is None:
            storage[out] = Storage(out.nbytes, step, last_use[out], [out])
        else:
            shared.last = max(shared.last, last_use[out])
            shared.size = max(shared.size, out.nbytes)
            shared.values.append(out)
            storage[out] = shared
    return storage


def _reusable(node: Node, kernel: Kernel, step: int, storage: dict[Value, Storage]) -> Storage | None:
    """The storage of an input that the node's output may take over."""
    assert isinstance(node.op, Contract)
    if isinstance(node.op, ReshapeS8):
        return storage.get(node.operand(0))
    for index in kernel.in_place(node.op):
        value = node.inputs[index]
        if value is None or value.is_const or value.nbytes != node.output.nbytes:
            continue
        held = storage[value]
        others = [v for k, v in enumerate(node.inputs) if k != index and v is not None and not v.is_const]
        if held.last == step and all(storage[v] is not held for v in others):
            return held
    return None
