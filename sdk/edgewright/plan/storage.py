"""Which values share memory, and how long each piece of memory lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edgewright.contracts import Contract
from edgewright.contracts.movement import ReshapeS8, RowsS8, StackRowsS8
from edgewright.ir import Graph, Node, Value
from edgewright.kernels import AnyKernel


@dataclass(eq=False)
class Storage:
    """One piece of the arena.

    values: who lives in it, one after another, under other shapes or as a part. inside: bytes from its start to
    each value that does not begin there. first, last: steps (node indices; -1 before the first one) in which it must
    not be touched by others.
    """

    size: int
    first: int
    last: int
    values: list[Value] = field(default_factory=list)
    inside: dict[Value, int] = field(default_factory=dict)

    def take(self, value: Value, last: int, offset: int = 0) -> None:
        """Let `value` live here too, `offset` bytes from the start, until step `last`."""
        self.values.append(value)
        self.last = max(self.last, last)
        self.size = max(self.size, offset + value.nbytes)
        if offset:
            self.inside[value] = offset


def assign_storage(graph: Graph[Contract], kernels: Mapping[Node[Contract], AnyKernel]) -> dict[Value, Storage]:
    """Storage of every activation: a reshape shares its input's, and so does what its kernel runs in place."""
    last_use = dict.fromkeys(graph.inputs, -1)
    for step, node in enumerate(graph.nodes):
        last_use.update({v: step for v in node.inputs if v is not None and not v.is_const})
        last_use.update(dict.fromkeys(node.outputs, step))
    last_use.update({v: len(graph.nodes) for v in graph.outputs if not v.is_const})
    storage: dict[Value, Storage] = {}
    for value in graph.inputs:
        storage[value] = Storage(value.nbytes, -1, last_use[value], [value])
    stacked = _stacked(graph, last_use)
    for step, node in enumerate(graph.nodes):
        out = node.output
        if out in stacked:
            held, offset = stacked[out]
            held.first = min(held.first, step)
            held.take(out, last_use[out], offset)
            storage[out] = held
            continue
        shared = _reusable(node, kernels[node], step, storage)
        if shared is None:
            storage[out] = Storage(out.nbytes, step, last_use[out], [out])
        else:
            offset = node.op.offset if isinstance(node.op, RowsS8) else 0
            shared.take(out, last_use[out], offset + shared.inside.get(node.operand(0), 0) if node.inputs else 0)
            storage[out] = shared
    return storage


def _stacked(graph: Graph[Contract], last_use: Mapping[Value, int]) -> dict[Value, tuple[Storage, int]]:
    """Values whose place is given: strips inside what they are stacked to, and the stack itself."""
    placed: dict[Value, tuple[Storage, int]] = {}
    for node in graph.nodes:
        if isinstance(node.op, StackRowsS8):
            held, offset = Storage(node.output.nbytes, len(graph.nodes), last_use[node.output]), 0
            placed[node.output] = held, 0
            count = len(node.inputs) // 2
            for strip, early in zip(node.inputs[:count], node.inputs[count:-1], strict=True):
                assert strip is not None
                assert early is not None
                placed[strip] = placed[early] = held, offset
                offset += strip.nbytes
    return placed


def _reusable(node: Node[Contract], kernel: AnyKernel, step: int, storage: dict[Value, Storage]) -> Storage | None:
    """The storage of an input that the node's output may take over."""
    if isinstance(node.op, ReshapeS8 | RowsS8):
        return storage.get(node.operand(0))
    for index in kernel.in_place(node.op):
        value = node.inputs[index]
        if value is None or value.is_const or value.nbytes != node.output.nbytes:
            continue
        held = storage[value]
        if value in held.inside or held.size != value.nbytes:
            continue
        others = [v for k, v in enumerate(node.inputs) if k != index and v is not None and not v.is_const]
        if held.last == step and all(storage[v] is not held for v in others):
            return held
    return None
