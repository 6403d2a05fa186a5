"""A graph of operations on values, float or integer: one structure for the whole compiler.

A *value* is a tensor with a fixed shape. A *node* applies an *operation* to values and defines new
ones. Operations are immutable records (see `edgewright.ops` and `edgewright.contracts`); nodes and
values are mutable, so that passes can rewrite the graph in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, runtime_checkable

import numpy as np

from edgewright.ir.types import Quant


@runtime_checkable
class Operation(Protocol):
    """What the graph asks of an operation: a name to print."""

    @property
    def mnemonic(self) -> str:
        """Short name of the operation, as printed in reports and in the text form."""
        ...


#: What a graph's nodes apply: `edgewright.ops.Op` in a float graph, `edgewright.contracts.Contract` in an integer one.
OperationT = TypeVar("OperationT", bound=Operation)
#: The same of one node: who works on a `Node[Op]` may be given a `Node[Conv]`.
OperationT_co = TypeVar("OperationT_co", bound=Operation, covariant=True)


@dataclass(eq=False)
class Value:
    """A tensor in the graph.

    name: unique in its graph; provenance for people, never emitted to C.
    shape: fixed sizes; () is a scalar.
    dtype: NumPy dtype name: "float32", "int8", "int32", ...
    data: the contents when the value is a constant, else None.
    quant: how int8 stands for the real values; None while undecided.
    weight_scales: for a constant that arrived quantized: its own scale per channel [n], along weight_axis.
    model_perm: for an input or output that is stored in another axis order than the model's: axis k here is
        axis model_perm[k] there.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str = "float32"
    data: np.ndarray | None = None
    quant: Quant | None = None
    weight_scales: np.ndarray | None = None
    weight_axis: int = 0
    model_perm: tuple[int, ...] | None = None

    @property
    def is_const(self) -> bool:
        """Whether the contents are known at compile time."""
        return self.data is not None

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def nbytes(self) -> int:
        """Bytes that the contents occupy."""
        return self.size * np.dtype(self.dtype).itemsize

    def __repr__(self) -> str:
        return f"%{self.name}:{self.dtype}{list(self.shape)}"


@dataclass(eq=False)
class Node(Generic[OperationT_co]):
    """One operation applied: `outputs = op(inputs)`. An omitted optional input is None."""

    op: OperationT_co
    inputs: list[Value | None]
    outputs: list[Value]
    name: str = ""

    @property
    def output(self) -> Value:
        """The only output (an error when there are several)."""
        (value,) = self.outputs
        return value

    def operand(self, index: int) -> Value:
        """Input `index`, which must be present."""
        value = self.inputs[index]
        if value is None:
            raise ValueError(f"{self.name}: input {index} is absent")
        return value

    def __repr__(self) -> str:
        return f"{self.outputs} = {self.op.mnemonic}({self.inputs}) '{self.name}'"


@dataclass(eq=False)
class Graph(Generic[OperationT]):
    """Nodes in execution order between `inputs` and `outputs`. Constants belong to no list."""

    name: str
    inputs: list[Value] = field(default_factory=list)
    outputs: list[Value] = field(default_factory=list)
    nodes: list[Node[OperationT]] = field(default_factory=list)

    def values(self) -> Iterator[Value]:
        """Every value once: inputs, then in order of use and definition."""
        seen: set[int] = set()
        sources: list[Iterable[Value | None]] = [self.inputs]
        for node in self.nodes:
            sources += [node.inputs, node.outputs]
        sources.append(self.outputs)
        for source in sources:
            for value in source:
                if value is not None and id(value) not in seen:
                    seen.add(id(value))
                    yield value

    def names(self) -> set[str]:
        """The names of all values."""
        found = {value.name for value in (*self.inputs, *self.outputs)}
        for node in self.nodes:
            found.update([value.name for value in node.inputs if value is not None])
            found.update([value.name for value in node.outputs])
        return found

    def producer(self, value: Value) -> Node[OperationT] | None:
        """The node that defines `value`, or None for an input or a constant."""
        for node in self.nodes:
            if value in node.outputs:
                return node
        return None

    def producers(self) -> dict[Value, Node[OperationT]]:
        """Value -> defining node, for all of them."""
        return {out: node for node in self.nodes for out in node.outputs}

    def consumers(self, value: Value) -> list[Node[OperationT]]:
        """The nodes that read `value`, each once, in order."""
        return [node for node in self.nodes if value in node.inputs]

    def consumer_map(self) -> dict[Value, list[Node[OperationT]]]:
        """Value -> the nodes that read it, for all of them."""
        readers: dict[Value, list[Node[OperationT]]] = {}
        for node in self.nodes:
            for value in node.inputs:
                if value is not None:
                    found = readers.setdefault(value, [])
                    if not found or found[-1] is not node:
                        found.append(node)
        return readers

    def is_output(self, value: Value) -> bool:
        """Whether `value` leaves the graph."""
        return any(out is value for out in self.outputs)

    def replace_uses(self, old: Value, new: Value) -> None:
        """Let every reader of `old`, and the graph's outputs, use `new`.

        An output keeps its name, so that the model's users still find it: `new` takes the name of `old`, unless it is
        known by its own (an input, a constant or another output).
        """
        if self.is_output(old) and not (new.is_const or self.is_output(new) or new in self.inputs):
            old.name, new.name = new.name, old.name
        for node in self.consumers(old):
            node.inputs = [new if v is old else v for v in node.inputs]
        self.outputs = [new if v is old else v for v in self.outputs]

    def insert_before(self, anchor: Node[OperationT], nodes: Sequence[Node[OperationT]]) -> None:
        """Insert `nodes` just before `anchor`."""
        at = self.nodes.index(anchor)
        self.nodes[at:at] = nodes

    def remove(self, node: Node[OperationT]) -> None:
        """Drop `node`; its outputs must have no reader left."""
        self.nodes.remove(node)

    def prune(self) -> int:
        """Drop nodes that nothing reads; the number dropped."""
        live = set(map(id, self.outputs))
        kept: list[Node[OperationT]] = []
        for node in reversed(self.nodes):
            if any(id(out) in live for out in node.outputs):
                live.update(id(v) for v in node.inputs if v is not None)
                kept.append(node)
        dropped = len(self.nodes) - len(kept)
        self.nodes = kept[::-1]
        return dropped

    def fresh_name(self, stem: str) -> str:
        """A value name that is not taken, beginning with `stem`."""
        taken = self.names()
        if stem not in taken:
            return stem
        serial = 1
        while f"{stem}.{serial}" in taken:
            serial += 1
        return f"{stem}.{serial}"

    def verify(self) -> None:
        """Check the invariants that every pass must keep.

        Raises:
            ValueError: a value is read before it is defined, defined twice, or two values share a name;
                a constant's data has another shape than its value.
        """
        defined = {id(v) for v in self.inputs}
        names: dict[str, Value] = {}
        for value in self.values():
            if names.setdefault(value.name, value) is not value:
                raise ValueError(f"{self.name}: two values are called '{value.name}'")
            if value.data is not None and value.data.shape != value.shape:
                raise ValueError(f"{self.name}: constant '{value.name}' is {value.data.shape}, said {value.shape}")
        for node in self.nodes:
            for v in node.inputs:
                if v is not None and not v.is_const and id(v) not in defined:
                    raise ValueError(f"{self.name}: '{node.name}' reads '{v.name}' before it is defined")
            for out in node.outputs:
                if id(out) in defined:
                    raise ValueError(f"{self.name}: '{out.name}' is defined twice")
                defined.add(id(out))
        for out in self.outputs:
            if id(out) not in defined and not out.is_const:
                raise ValueError(f"{self.name}: output '{out.name}' is never defined")


AnyGraph: TypeAlias = Graph[Any]
AnyNode: TypeAlias = Node[Any]
