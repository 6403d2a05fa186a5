"""One linear layer with weights of few bits: what fits the samples best, and how the layer takes it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edgewright.compress.ridge import Ridge, choose_strength
from edgewright.compress.rows import RowForm, row_form
from edgewright.ir import Graph, Node, Value
from edgewright.ir.builder import Builder
from edgewright.numerics import least_scales
from edgewright.ops import Op
from edgewright.ops.conv import Conv
from edgewright.ops.dense import Dense
from edgewright.quantize.rounding.integers import Bounds, Integers, best_scales, descend, gptq, nearest
from edgewright.quantize.rounding.recipe import Rounding

#: Bits of a weight where nothing else is asked, and of one in [-7, 7].
BYTE, NIBBLE = 8, 4
#: Bytes that every output channel takes beside its weights: bias and multiplier.
CHANNEL_BYTES = 8


@dataclass(frozen=True, eq=False)
class Layer:
    """A Conv, ConvTranspose or Dense whose parameters are free: they bring no scales, and nothing else reads them.

    narrows: whether its weights may have other widths than 8 bits; transposed convolutions take a new bias only.
    """

    form: RowForm
    x_scale: float
    narrows: bool

    def weight_bytes(self, bits: int) -> int:
        """What weights, biases and multipliers take with weights of so many bits."""
        weights = self.form.node.operand(1)
        return (weights.size * bits + 7) // 8 + CHANNEL_BYTES * self.form.outputs

    def bounds(self, weights: np.ndarray, bias: np.ndarray, bits: int) -> Bounds:
        """What its integers and scales may be, for weights [groups, outputs, columns] near `weights`."""
        weighted = np.abs(weights).max(axis=2, initial=0.0) > 0
        return Bounds(2 ** (bits - 1) - 1, least_scales(weighted, bias, self.x_scale))

    def rounded_nearest(self, bits: int) -> Integers:
        """Its own weights, each by itself, over their whole range."""
        weights = self.form.weights()
        return _nearest(weights, self.bounds(weights, self.form.bias(), bits))

    def fitted(
        self, x: np.ndarray, y: np.ndarray, rounding: Rounding, bits: int, real: int | None = None
    ) -> tuple[Integers, np.ndarray]:
        """Integers, and the bias [groups, outputs], with which inputs x give targets y best.

        x: float64 [groups, rows, columns], what the layer reads in the quantized network. y: [groups, rows, outputs],
        what it should give before its clamp. real: how many of the rows are of samples; None for all. Others say how
        inputs vary, and nothing of their mean.
        """
        weights, mean_x, mean_y = self.form.weights(), x[:, :real].mean(axis=1), y[:, :real].mean(axis=1)
        together = self.narrows and rounding in (Rounding.GPTQ, Rounding.REFIT)
        if together and rounding is Rounding.REFIT:
            weights = Ridge(x).weights(y, weights, choose_strength(x, y, weights))
        bounds = self.bounds(weights, mean_y - _applied(weights, mean_x), bits)
        if together:
            centred = x - x.mean(axis=1, keepdims=True)
            h = centred.transpose(0, 2, 1) @ centred / x.shape[1]
            made = descend(h, weights, gptq(h, weights, best_scales(h, weights, bounds), bounds), bounds)
        else:
            made = _nearest(weights, bounds)
        return made, mean_y - _applied(made.real, mean_x)

    def take_weights(self, made: Integers) -> None:
        """Let the node have these weights, with their scales."""
        if self.narrows:
            old = self.form.node.operand(1)
            data, scales = self.form.data(made.real), made.scales.reshape(-1)
            self.form.node.inputs[1] = replace(old, data=data, weight_scales=scales, weight_axis=0)

    def take_bias(self, graph: Graph[Op], bias: np.ndarray) -> None:
        """Let the node, of `graph`, have this bias."""
        node = self.form.node
        given = node.inputs[2] if len(node.inputs) > 2 else None
        name = Builder(graph).name(f"{node.output.name}.bias") if given is None else given.name
        data = bias.astype(np.float32).reshape(-1)
        node.inputs = [*node.inputs[:2], Value(name, data.shape, data=data)]


def free_layers(graph: Graph[Op]) -> dict[int, Layer]:
    """The layers of a graph with scales whose parameters are free, by index of their node."""
    readers, found = graph.consumer_map(), {}
    for index, node in enumerate(graph.nodes):
        layer = _free_layer(node)
        if layer is not None and len(readers[node.operand(1)]) == 1:
            found[index] = layer
    return found


def _free_layer(node: Node[Op]) -> Layer | None:
    form = row_form(node)
    if form is None:
        return None
    x, weights = node.operand(0), node.operand(1)
    if x.quant is None or weights.data is None or weights.weight_scales is not None:
        return None
    return Layer(form, x.quant.scale, isinstance(node.op, Conv | Dense))


def _nearest(weights: np.ndarray, bounds: Bounds) -> Integers:
    return nearest(weights, np.abs(weights).max(axis=2) / bounds.most, bounds)


def _applied(weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    """[groups, outputs] of weights [groups, outputs, columns] and one input row [groups, columns]."""
    y: np.ndarray = (weights @ x[..., None])[..., 0]
    return y
