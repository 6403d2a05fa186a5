"""Small float graphs for tests of passes and compression, built layer by layer."""

from __future__ import annotations

import numpy as np

from edgewright.ir import Graph, Value
from edgewright.ir.builder import Builder
from edgewright.ops import Op
from edgewright.ops.activation import NO_CLAMP, Clamp
from edgewright.ops.conv import Conv
from edgewright.ops.dense import Dense
from edgewright.ops.reshape import Reshape
from edgewright.ops.window import Window

RELU = Clamp(0.0)


class Net:
    """A graph that grows; weights are random, and biases too.

    x: its input. Methods add a layer and return its output.
    """

    def __init__(self, *shape: int, seed: int = 0) -> None:
        self.graph = Graph("net", [Value("x", shape)])
        self.x = self.graph.inputs[0]
        self.rng = np.random.default_rng(seed)
        self.build = Builder(self.graph, "layer", {"x"})
        self.graph.nodes = self.build.nodes

    def constant(self, *shape: int) -> Value:
        return self.build.const(self.rng.standard_normal(shape).astype(np.float32))

    def conv(
        self,
        x: Value,
        channels: int,
        size: int = 1,
        *,
        pad: int = 0,
        groups: int = 1,
        clamp: Clamp = RELU,
        stride: int = 1,
    ) -> Value:
        window = Window((size, size), (stride, stride), (1, 1), (pad,) * 4)
        w, b = self.constant(channels, x.shape[1] // groups, size, size), self.constant(channels)
        return self.op(Conv(window, groups, clamp), x, w, b)

    def depthwise(self, x: Value, multiplier: int = 1, *, pad: int = 1, clamp: Clamp = RELU) -> Value:
        return self.conv(x, x.shape[1] * multiplier, 3, pad=pad, groups=x.shape[1], clamp=clamp)

    def dense(self, x: Value, features: int, clamp: Clamp = NO_CLAMP) -> Value:
        return self.op(Dense(clamp), x, self.constant(features, x.shape[-1]), self.constant(features))

    def flatten(self, x: Value) -> Value:
        return self.op(Reshape((1, x.size)), x)

    def op(self, op: Op, *inputs: Value) -> Value:
        value = self.build.value(op, inputs)
        self.build.nodes[-1].name = value.name
        return value

    def done(self, *outputs: Value) -> Graph:
        self.graph.outputs = list(outputs)
        self.graph.verify()
        return self.graph

    # ---- the layer that makes a value ----

    def kill(self, value: Value, *channels: int, bias: float = 0.0) -> None:
        """Set the weights of these channels to zero and their bias to `bias`."""
        weights, biases = self.parameters(value)
        weights[list(channels)] = 0.0
        biases[list(channels)] = bias

    def parameters(self, value: Value) -> tuple[np.ndarray, np.ndarray]:
        """Weights and bias of the layer that makes `value`, to be changed in place."""
        node = self.graph.producer(value)
        assert node is not None
        weights, bias = node.operand(1).data, node.operand(2).data
        assert weights is not None
        assert bias is not None
        return weights, bias


def widths(graph: Graph) -> list[int]:
    """Channels of the linear layers of a graph, in order."""
    return [n.output.shape[1 if isinstance(n.op, Conv) else -1] for n in graph.nodes if isinstance(n.op, Conv | Dense)]
