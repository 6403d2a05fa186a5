"""The calls of CMSIS-NN that a model comes to, as microTVM makes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edgewright.frontend import import_model, load_model
from edgewright.ir import Node
from edgewright.ops import Op
from edgewright.ops.add import Add
from edgewright.ops.conv import Conv
from edgewright.ops.dense import Dense
from edgewright.ops.pool import AveragePool
from edgewright.ops.reshape import Reshape
from edgewright.ops.softmax import Softmax
from edgewright.ops.window import Window
from edgewright.passes import SIMPLIFY, run_passes
from edgewright.passes.remove_dead_channels import remove_dead_channels

Image = tuple[int, int, int]
POINT = Window((1, 1))


@dataclass(frozen=True)
class Layer:
    """One call. kind: conv, depthwise, dense, average or add. x, y: [height, width, channels] in and out."""

    kind: str
    x: Image
    y: Image
    window: Window = POINT

    @property
    def weights(self) -> int:
        """How many weights it has."""
        kernel = self.window.kernel[0] * self.window.kernel[1]
        if self.kind == "depthwise":
            return kernel * self.y[2]
        return kernel * self.x[2] * self.y[2] if self.kind in ("conv", "dense") else 0


def layers(model: Path) -> list[Layer]:
    """The calls in the order of execution. Reshapes cost nothing; the softmax of a few classes is left out.

    The other engines keep channels that are always zero, so they stay in.

    Raises:
        ValueError: the model holds something that has no call here.
    """
    graph = import_model(load_model(model), None)
    run_passes(graph, [rewrite for rewrite in SIMPLIFY if rewrite is not remove_dead_channels])
    return [layer for node in graph.nodes for layer in _layers(node)]


def _layers(node: Node[Op]) -> Iterator[Layer]:
    x, y = node.inputs[0], node.outputs[0]
    assert x is not None
    match node.op:
        case Conv() as op:
            # A first layer with one channel counts as depthwise with many outputs per channel, as in TVM.
            kind = "depthwise" if op.groups == x.shape[1] else "conv"
            if kind == "conv" and op.groups != 1:
                raise ValueError(f"{node.name}: {op.groups} groups")
            yield Layer(kind, _image(x.shape), _image(y.shape), op.window)
        case Dense():
            yield Layer("dense", _image(x.shape), _image(y.shape))
        case AveragePool() as op:
            yield Layer("average", _image(x.shape), _image(y.shape), op.window)
        case Add():
            yield Layer("add", _image(x.shape), _image(y.shape))
        case Reshape() | Softmax():
            return
        case other:
            raise ValueError(f"{node.name}: no call for {type(other).__name__}")


def _image(shape: tuple[int, ...]) -> Image:
    _, channels, *plane = shape
    height, width = [*plane, 1, 1][:2]
    return height, width, channels
