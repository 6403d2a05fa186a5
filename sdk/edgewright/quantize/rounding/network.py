"""Rounds the weights of a network layer by layer, in graph order, on what the layers before it have become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from edgewright.compress.activations import Activations, Sample, affordable
from edgewright.compress.rows import RowForm, other_side, picked_rows, row_form
from edgewright.ir import Graph, Node
from edgewright.ops import Op
from edgewright.quantize.interpret import under_its_scale
from edgewright.quantize.rounding.enrich import copies_needed, enriched
from edgewright.quantize.rounding.integers import Integers
from edgewright.quantize.rounding.layer import BYTE, Layer, free_layers
from edgewright.quantize.rounding.recipe import Rounding


class RoundedActivations(Activations):
    """The live values of a graph on many samples, those that have a scale rounded to it and saturated."""

    def __init__(self, graph: Graph[Op], samples: Sequence[Sample]) -> None:
        super().__init__(
            graph, [[under_its_scale(v, x) for v, x in zip(graph.inputs, sample, strict=True)] for sample in samples]
        )

    def _compute(self, node: Node[Op]) -> list[np.ndarray]:
        results = super()._compute(node)
        return [under_its_scale(value, data) for value, data in zip(node.outputs, results, strict=False)]


def round_weights(
    original: Graph[Op],
    annotated: Graph[Op],
    samples: Sequence[Sample],
    rounding: Rounding,
    widths: Mapping[int, int],
) -> None:
    """Give the layers of `annotated` weights that are integers of 3 to 8 bits, with their own scales, and new biases.

    A layer's target is what it computes in the original; its input is what the rounded network gives it. Before an
    addition a branch also takes on what the other side lacks. With "nearest" and "bias", 8 bits are left as they are.

    original: the float network, with no scales but those that it brought. annotated: its clone, with a scale on every
    value. widths: bits by index of the node, 8 for those not in it.

    Source: M. Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction", ICCV 2019,
    section 4.2, with measured means; E. Frantar et al., "GPTQ", ICLR 2023.
    """
    layers = free_layers(annotated)
    if rounding is Rounding.NEAREST:
        for index, layer in layers.items():
            if widths.get(index, BYTE) < BYTE:
                layer.take_weights(layer.rounded_nearest(widths[index]))
        return
    walk = _Walk(original, annotated, _enough(layers, samples, rounding, widths), len(samples))
    for index, (node, twin) in enumerate(zip(original.nodes, annotated.nodes, strict=True)):
        if index in layers:
            walk.round(node, layers[index], rounding, widths.get(index, BYTE), index)
        walk.before.step(node)
        walk.after.step(twin)


def _enough(
    layers: Mapping[int, Layer], samples: Sequence[Sample], rounding: Rounding, widths: Mapping[int, int]
) -> Sequence[Sample]:
    """`samples`, with others behind them when weights of few bits are to be fitted to fewer rows than they are."""
    if rounding is Rounding.BIAS:
        return samples
    narrow = [layer.form for index, layer in layers.items() if layer.narrows and widths.get(index, BYTE) < BYTE]
    return enriched(samples, copies_needed(len(samples), narrow))


def take_parameters(graph: Graph[Op], twin: Graph[Op]) -> None:
    """Let `graph` have the weights and biases of its `twin`."""
    for node, other in zip(graph.nodes, twin.nodes, strict=True):
        own = dict(enumerate(node.inputs))
        node.inputs = [own[i] if v is None or v.data is None else v for i, v in enumerate(other.inputs)]


def each_alone(
    original: Graph[Op], layers: Mapping[int, Layer], samples: Sequence[Sample], bits: int
) -> dict[int, tuple[Integers, np.ndarray]]:
    """Integers of so many bits and biases of every layer, by index of its node, each with all others as they were."""
    used = _enough(layers, samples, Rounding.GPTQ, dict.fromkeys(layers, bits))
    values, found = RoundedActivations(original, used), {}
    for index, node in enumerate(original.nodes):
        if index in layers:
            form = _form(node)
            picked = picked_rows(form, values.count, index)
            x = form.inputs(values[node.operand(0)], picked)
            real = int(np.searchsorted(picked, len(samples) * form.rows))
            found[index] = layers[index].fitted(x, _output(form, x), Rounding.GPTQ, bits, real)
        values.step(node)
    return found


class _Walk:
    """Both networks, evaluated side by side up to the layer at hand."""

    def __init__(self, original: Graph[Op], annotated: Graph[Op], samples: Sequence[Sample], real: int) -> None:
        """samples: of which the first `real` ones were seen, and others made of them."""
        used, self.real = samples[: affordable(original)], real
        self.before, self.after = RoundedActivations(original, used), RoundedActivations(annotated, used)
        self.readers = original.consumer_map()
        nodes = zip(original.nodes, annotated.nodes, strict=True)
        self.twins = dict(zip(original.inputs, annotated.inputs, strict=True))
        self.twins |= {a: b for n, t in nodes for a, b in zip(n.outputs, t.outputs, strict=True)}

    def round(self, node: Node[Op], layer: Layer, rounding: Rounding, bits: int, seed: int) -> None:
        """Round one layer; its node in the original, and itself."""
        form = _form(node)
        picked = picked_rows(form, self.before.count, seed)
        y = self._target(form, picked)
        x = layer.form.inputs(self.after[layer.form.node.operand(0)], picked)
        real = int(np.searchsorted(picked, self.real * form.rows))
        made, bias = layer.fitted(x, y, rounding, bits, real)
        if bits < BYTE or rounding is not Rounding.BIAS:
            layer.take_weights(made)
        layer.take_bias(self.after.graph, bias)

    def _target(self, form: RowForm, picked: np.ndarray) -> np.ndarray:
        """What the layer should give before its clamp, [groups, rows, outputs]."""
        y = _output(form, form.inputs(self.before[form.node.operand(0)], picked))
        other = other_side(form, self.before, self.readers)
        if other is None:
            return y
        lacking = form.channels(self.before[other], picked) - form.channels(self.after[self.twins[other]], picked)
        target: np.ndarray = y + lacking
        return target


def _form(node: Node[Op]) -> RowForm:
    form = row_form(node)
    assert form is not None
    return form


def _output(form: RowForm, x: np.ndarray) -> np.ndarray:
    """What the layer computes of rows x, before its clamp."""
    y: np.ndarray = x @ form.weights().transpose(0, 2, 1) + form.bias()[:, None]
    return y
