"""Small float graphs for tests of passes and compression, built layer by layer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgewright.ir import Graph, Value
from edgewright.ir.builder import Builder
from edgewright.ops import Op
from edgewright.ops.activation import NO_CLAMP, Clamp
from edgewright.ops.add import Add
from edgewright.ops.concat import Concat
from edgewright.ops.conv import Conv
from edgewright.ops.dense import Dense
from edgewright.ops.depth_space import DepthToSpace, SpaceToDepth
from edgewright.ops.min_max import MinMax
from edgewright.ops.mul import Mul
from edgewright.ops.pool import AveragePool
from edgewright.ops.prelu import PRelu
from edgewright.ops.reduce import Reduce
from edgewright.ops.reshape import Reshape
from edgewright.ops.slice import Slice
from edgewright.ops.unary import Unary
from edgewright.ops.window import Window

RELU = Clamp(0.0)


class Net:
    """A graph that grows; weights are random, and biases too.

    x: its input. Methods add a layer and return its output.
    """

    def __init__(self, *shape: int, seed: int = 0) -> None:
        self.graph = Graph[Op]("net", [Value("x", shape)])
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

    def done(self, *outputs: Value) -> Graph[Op]:
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


def widths(graph: Graph[Op]) -> list[int]:
    """Channels of the linear layers of a graph, in order."""
    return [n.output.shape[1 if isinstance(n.op, Conv) else -1] for n in graph.nodes if isinstance(n.op, Conv | Dense)]


BLOCKS: list[Callable[[Net, Value], Value]] = [
    lambda net, x: net.conv(x, 6, 3, pad=1),
    lambda net, x: net.conv(x, 6, groups=2) if x.shape[1] % 2 == 0 else net.conv(x, 6),
    lambda net, x: net.depthwise(x, clamp=Clamp(0.0, 6.0)),
    lambda net, x: net.op(Add(RELU), x, net.conv(x, x.shape[1])),
    lambda net, x: net.op(Concat(1), x, net.conv(x, 4)),
    lambda net, x: net.op(Mul(), x, net.op(Unary("Sigmoid"), net.conv(net.op(Reduce("mean", (2, 3)), x), x.shape[1]))),
    lambda net, x: net.op(AveragePool(Window((3, 3), pads=(1, 1, 1, 1)), count_include_pad=True), x),
    lambda net, x: net.op(MinMax(False), x, net.conv(x, x.shape[1], clamp=NO_CLAMP)),
    lambda net, x: net.op(PRelu(), net.conv(x, 8, clamp=NO_CLAMP), net.constant(8, 1, 1)),
    lambda net, x: net.op(DepthToSpace(2), net.op(SpaceToDepth(2), x)) if x.shape[2] % 2 == 0 else x,
    lambda net, x: net.op(Slice((0, 1, 0, 0), (1, 1, 1, 1), (1, x.shape[1] - 1, *x.shape[2:])), x),
]


def random_blocks(net: Net, count: int, rng: np.random.Generator) -> Value:
    """A convolution and `count` blocks of any kind on it; the output of the last."""
    value = net.conv(net.x, 8, 3, pad=1)
    for block in rng.choice(len(BLOCKS), count):
        value = BLOCKS[block](net, value)
    return value
