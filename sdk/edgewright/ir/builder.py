"""Appends nodes to a graph with fresh names and inferred shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from edgewright.ir.graph import AnyGraph, AnyNode, Node, Value


class ShapedOperation(Protocol):
    """An operation that knows the shapes and types of its outputs."""

    @property
    def mnemonic(self) -> str: ...

    def output_shapes(self, *inputs: tuple[int, ...] | None) -> list[tuple[int, ...]]:
        """Shapes of the outputs for the shapes of the inputs."""
        ...


class Builder:
    """Builds nodes for `graph`; they are collected in `nodes`, to be placed by the caller.

    stem: how the names of new values begin. The bare stem goes to the first of them, but gives way to a value that
        is called so explicitly: what an ONNX node needs several of our nodes for still gives an output of its name.
    """

    def __init__(self, graph: AnyGraph, stem: str = "value", taken: set[str] | None = None) -> None:
        self.graph = graph
        self.stem = stem
        self.nodes: list[AnyNode] = []
        self._unnamed: dict[str, Value] = {}
        self._taken = graph.names() if taken is None else taken

    def name(self, stem: str) -> str:
        """A value name nobody has, beginning with `stem`; it is taken from now on."""
        name, serial = stem, 1
        while name in self._taken:
            name, serial = f"{stem}.{serial}", serial + 1
        self._taken.add(name)
        return name

    def const(self, data: np.ndarray, stem: str | None = None) -> Value:
        """A constant of the given contents."""
        return Value(self.name(stem or f"{self.stem}.const"), data.shape, data.dtype.name, np.asarray(data))

    def node(
        self,
        op: ShapedOperation,
        inputs: Sequence[Value | None],
        names: Sequence[str] | None = None,
        dtype: str = "float32",
    ) -> list[Value]:
        """The outputs of a new node, called `names` or by the stem."""
        shapes = op.output_shapes(*[None if v is None else v.shape for v in inputs])
        wanted = [None] * len(shapes) if names is None else names
        outputs = [self._result(n, Value("", s, dtype)) for n, s in zip(wanted, shapes, strict=False)]
        self.nodes.append(Node(op, list(inputs), outputs, self.stem))
        return outputs

    def value(self, op: ShapedOperation, inputs: Sequence[Value | None], name: str | None = None) -> Value:
        """The only output of a new node."""
        return self.node(op, inputs, None if name is None else [name])[0]

    def _result(self, wanted: str | None, value: Value) -> Value:
        """`value` under the name `wanted`, or under one that nobody asked for."""
        if wanted is None:
            value.name = self.name(self.stem)
            self._unnamed[value.name] = value
            return value
        holder = self._unnamed.pop(wanted, None)
        if holder is not None:
            holder.name = self.name(wanted)
            self._unnamed[holder.name] = holder
            value.name = wanted
        else:
            value.name = self.name(wanted)
        return value
