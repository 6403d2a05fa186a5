"""The SDK's float graph as a function of its weights, executed and differentiated by PyTorch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from edgewright.errors import UnsupportedError
from edgewright.ir import Graph, Node, Value
from edgewright.ir.clone import clone
from edgewright.ops import Op
from edgewright.ops.conv import Conv
from edgewright.ops.dense import Dense
from edgewright.ops.softmax import end_before_softmax
from edgewright.train.operators import FLOAT, clamped, refusal
from edgewright.train.reproducible import exact_products

#: Layers whose weights and biases are trained.
LINEAR = (Conv, Dense)
#: Samples that are computed at once where nothing is learned.
CHUNK = 250


@dataclass(frozen=True, eq=False)
class Layer:
    """A node with weights. weights, bias: names of the parameters; bias None where it has none."""

    node: Node[Op]
    weights: str
    bias: str | None


class TorchGraph:
    """A float graph in ONNX semantics (NCHW) whose weights are tensors that require gradients.

    graph: simplified; it stays as it is. What runs is a copy that ends before its final softmaxes, whose gradients
    vanish. parameters: name of a constant -> tensor; layers share one where their nodes do.

    Raises:
        UnsupportedError: nodes that cannot be trained through, all of them.
    """

    def __init__(self, graph: Graph[Op]) -> None:
        self._original = graph
        self.graph = clone(graph)
        end_before_softmax(self.graph)
        refuse_untrainable(self.graph)
        self.parameters: dict[str, Tensor] = {}
        self.layers = [self._layer(node) for node in self.graph.nodes if isinstance(node.op, LINEAR)]
        self._by_node = {layer.node: layer for layer in self.layers}
        self._constants = {
            value: torch.tensor(value.data)
            for value in self.graph.values()
            if value.data is not None and value.name not in self.parameters
        }

    def _layer(self, node: Node[Op]) -> Layer:
        names = [value.name for value in node.inputs[1:] if value is not None]
        for value in node.inputs[1:]:
            if value is not None and value.name not in self.parameters:
                assert value.data is not None
                self.parameters[value.name] = torch.tensor(value.data, dtype=torch.float32, requires_grad=True)
        return Layer(node, names[0], names[1] if len(names) > 1 else None)

    def __call__(self, inputs: Sequence[Tensor], seen: dict[str, Tensor] | None = None) -> list[Tensor]:
        """The outputs [n, ...], before a final softmax, of one tensor [n, ...] per input.

        seen: collects every value by its name, as real numbers.
        """
        with exact_products():
            return self._run(inputs, seen)

    def _run(self, inputs: Sequence[Tensor], seen: dict[str, Tensor] | None) -> list[Tensor]:
        known = {
            value: self.entering(value, channels_last(x)) for value, x in zip(self.graph.inputs, inputs, strict=True)
        }
        for node in self.graph.nodes:
            operands = [self._operand(v, known) for v in node.inputs if v is not None]
            known[node.output] = self.result(node, operands)
        if seen is not None:
            seen.update({value.name: self.leaving(value, data) for value, data in known.items()})
        return [self.leaving(value, self._operand(value, known)) for value in self.graph.outputs]

    def _operand(self, value: Value, known: Mapping[Value, Tensor]) -> Tensor:
        if value in known:
            return known[value]
        return self.parameters[value.name] if value.name in self.parameters else self._constants[value]

    # ---- what kinds of arithmetic differ in ----

    def entering(self, value: Value, x: Tensor) -> Tensor:
        """Input `value` as nodes read it."""
        return x

    def result(self, node: Node[Op], operands: Sequence[Tensor]) -> Tensor:
        """What a node computes."""
        y = FLOAT[type(node.op)](node.op, operands)
        if node in self._by_node:
            y = self.normalized(self._by_node[node], y)
        return clamped(node.op, y)

    def normalized(self, layer: Layer, y: Tensor) -> Tensor:
        """The sums of a layer before its clamp."""
        return y

    def leaving(self, value: Value, y: Tensor) -> Tensor:
        """An output as real numbers."""
        return y

    @property
    def learned(self) -> list[Tensor]:
        """The parameters that are trained, always in the same order."""
        return [parameter for parameter in self.parameters.values() if parameter.requires_grad]

    @contextmanager
    def learning(self) -> Iterator[None]:
        """While steps are taken."""
        yield

    # ---- the state ----

    def state(self) -> dict[str, Tensor]:
        """A copy of all that training changes, by name."""
        return {name: parameter.detach().clone() for name, parameter in self.parameters.items()}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Be as `state` was."""
        with torch.no_grad():
            for name, parameter in self.parameters.items():
                parameter.copy_(state[name])

    def stored(self) -> Graph[Op]:
        """The graph as it came, with the weights as they are now."""
        graph = clone(self._original)
        for value in graph.values():
            if value.name in self.parameters:
                value.data = self.contents(value.name)
        return graph

    def contents(self, name: str) -> np.ndarray:
        """A parameter as float32 in an array of its own."""
        return np.array(self.parameters[name].detach().numpy(), dtype=np.float32)


def refuse_untrainable(graph: Graph[Op]) -> None:
    """Raise UnsupportedError when `graph` has nodes that cannot be trained through; it names all of them."""
    reasons = [
        f"'{node.name}' ({node.op.mnemonic}): {reason}" for node in graph.nodes if (reason := refusal(node)) is not None
    ]
    if reasons:
        raise UnsupportedError(graph.name, reasons)


def channels_last(x: Tensor) -> Tensor:
    """An image [n, c, h, w] with its channels last in memory, where convolutions are fastest; others as they are."""
    return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x


def run_in_chunks(net: TorchGraph, inputs: Sequence[Tensor]) -> list[Tensor]:
    """The outputs for any number of samples, without gradients."""
    with torch.no_grad():
        parts = [net([x[k : k + CHUNK] for x in inputs]) for k in range(0, len(inputs[0]), CHUNK)]
    return [torch.cat(column) for column in zip(*parts, strict=True)]
