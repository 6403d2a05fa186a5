"""Batch normalization behind the layers of a network that has lost it: put in for training, folded away afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from edgewright.ir import Graph
from edgewright.ir.builder import Builder
from edgewright.ir.clone import clone
from edgewright.ops import Op
from edgewright.train.torch_graph import LINEAR, Layer, TorchGraph

EPSILON = 1e-5
MOMENTUM = 0.1


class NormalizedGraph(TorchGraph):
    """A graph whose layers, but those that give its outputs, are followed by batch normalization.

    It starts as what it was: mean and variance are measured on `inputs`, and gamma and beta undo them. While it learns,
    the statistics are those of the batch. statistics: running ones, name of the weights -> mean and variance [c] each.

    Source: S. Ioffe, C. Szegedy, "Batch Normalization", ICML 2015, algorithms 1 and 2.
    """

    def __init__(self, graph: Graph[Op], inputs: Sequence[Tensor]) -> None:
        super().__init__(with_biases(graph))
        self.training = False
        self.statistics: dict[str, tuple[Tensor, Tensor]] = {}
        self._measuring = True
        names = [name for layer in self.layers for name in (layer.weights, layer.bias)]
        self._normalized = {
            layer.weights
            for layer in self.layers
            if not self.graph.is_output(layer.node.output)
            and names.count(layer.weights) == names.count(layer.bias) == 1
        }
        with torch.no_grad():
            self(inputs)
        self._measuring = False
        for layer in self.layers:
            if layer.weights in self._normalized and layer.bias is not None:
                self.parameters[layer.bias].requires_grad_(False)  # beta takes its place; its own gradient is noise

    def normalized(self, layer: Layer, y: Tensor) -> Tensor:
        name = layer.weights
        if name not in self._normalized:
            return y
        if self._measuring:
            self._measure(name, y)
            return y
        mean, variance = self.statistics[name]
        gamma, beta = (self.parameters[f"{name}/{part}"] for part in ("gamma", "beta"))
        rows = y if y.ndim == 4 else y.reshape(-1, y.shape[-1])
        rows = functional.batch_norm(rows, mean, variance, gamma, beta, self.training, MOMENTUM, EPSILON)
        return rows.reshape(y.shape)

    def _measure(self, name: str, y: Tensor) -> None:
        axes = [axis for axis in range(y.ndim) if axis != (1 if y.ndim == 4 else y.ndim - 1)]
        mean, variance = y.mean(axes), y.var(axes, unbiased=False)
        self.statistics[name] = mean.clone(), variance.clone()
        self.parameters[f"{name}/gamma"] = torch.sqrt(variance + EPSILON).requires_grad_()
        self.parameters[f"{name}/beta"] = mean.clone().requires_grad_()

    @contextmanager
    def learning(self) -> Iterator[None]:
        """While steps are taken: the statistics are those of each batch."""
        self.training = True
        try:
            yield
        finally:
            self.training = False

    def state(self) -> dict[str, Tensor]:
        """Parameters and running statistics."""
        running = {
            f"{name}/running/{k}": part for name, parts in self.statistics.items() for k, part in enumerate(parts)
        }
        return super().state() | {name: part.clone() for name, part in running.items()}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Be as `state` was."""
        super().load(state)
        for name, parts in self.statistics.items():
            for k, part in enumerate(parts):
                part.copy_(state[f"{name}/running/{k}"])

    def contents(self, name: str) -> np.ndarray:
        """A parameter with the normalization folded into it."""
        layer = next((v for v in self.layers if name in (v.weights, v.bias) and v.weights in self._normalized), None)
        if layer is None:
            return super().contents(name)
        own = self.parameters[name].detach().double()
        gamma, beta = (self.parameters[f"{layer.weights}/{part}"].detach().double() for part in ("gamma", "beta"))
        mean, variance = (part.double() for part in self.statistics[layer.weights])
        factor = gamma / torch.sqrt(variance + EPSILON)
        if name == layer.bias:
            return np.asarray(((own - mean) * factor + beta).numpy(), dtype=np.float32)
        return np.asarray((own * factor.view(-1, *[1] * (own.ndim - 1))).numpy(), dtype=np.float32)


def with_biases(graph: Graph[Op]) -> Graph[Op]:
    """A copy in which every layer has a bias."""
    copy = clone(graph)
    build = Builder(copy)
    for node in copy.nodes:
        if isinstance(node.op, LINEAR) and (len(node.inputs) < 3 or node.inputs[2] is None):
            zeros = np.zeros(node.operand(1).shape[0], dtype=np.float32)
            node.inputs[2:] = [build.const(zeros, f"{node.output.name}/bias")]
    return copy
