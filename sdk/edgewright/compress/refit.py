"""Repairs a pruned network: each layer's least squares to what the original computes, in graph order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edgewright.compress.activations import Activations, Sample, affordable
from edgewright.compress.ridge import Ridge, choose_strength
from edgewright.compress.rows import RowForm, other_side, picked_rows, row_form
from edgewright.compress.softmax_fit import fit_probabilities
from edgewright.ir import Graph, Node, Value
from edgewright.ir.builder import Builder
from edgewright.ops import Op
from edgewright.ops.activation import Clamp
from edgewright.ops.add import Add
from edgewright.ops.dense import Dense
from edgewright.ops.softmax import LogSoftmax, Softmax

#: How often the targets that a clamp hides are moved to what the layer predicts for them.
HIDDEN_ROUNDS = 8

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Kept:
    """Which channels of a value stay: bool [shape[axis]] along `axis`."""

    axis: int
    mask: np.ndarray

    def of(self, data: np.ndarray) -> np.ndarray:
        """What is left of the value's contents, [samples, *shape]."""
        return data if self.mask.all() else np.compress(self.mask, data, axis=self.axis + 1)


@dataclass(frozen=True, eq=False)
class Target:
    """What a layer should compute before a clamp: y, float64 [groups, rows, outputs].

    clamp: hides what y + offset has beyond it.
    """

    y: np.ndarray
    clamp: Clamp
    offset: np.ndarray | float = 0.0

    def nearest(self, predicted: np.ndarray) -> np.ndarray:
        """The targets nearest to a prediction that look the same behind the clamp."""
        sums = self.y + self.offset
        y = np.where(sums <= self.clamp.low, np.minimum(predicted, self.clamp.low - self.offset), self.y)
        return np.where(sums >= self.clamp.high, np.maximum(predicted, self.clamp.high - self.offset), y)


def refit(
    original: Graph[Op],
    pruned: Graph[Op],
    kept: Mapping[Value, Kept],
    samples: Sequence[Sample],
    progress: Progress | None = None,
) -> int:
    """Refit the layers of `pruned` from the first cut on, in place; how many.

    original: the graph before the cut; its nodes correspond to those of `pruned` one to one. kept: of the values of
    `pruned`. samples: unlabelled; as many are used as memory allows.

    For every linear layer, X is its input in the pruned network as refitted so far and Y the original layer's output
    on the channels that stay. W and b minimize |Y - X W^T - b|^2 + ridge * |W - W0|^2 from the cut weights W0, with
    the ridge by cross-validation.

    - Where the output only enters an addition whose other side is known, Y also takes what that side lacks.
    - Where a clamp follows, targets that it hides are free: in HIDDEN_ROUNDS more fits they become the prediction.
    - A depthwise layer is fitted channel by channel. Weights that several layers share stay as they are.
    - A Dense layer before a final softmax is fitted to the probabilities at last.

    Source: Y. He et al., "Channel Pruning for Accelerating Very Deep Neural Networks", ICCV 2017, section 3
    (reconstruction from the pruned input, residual-aware); X. Zhang et al., "Accelerating Very Deep Convolutional
    Networks for Classification and Detection", PAMI 2016, section 3.2 (blind to what ReLU hides).
    """
    work = _Refit(original, pruned, kept, samples[: affordable(original)])
    count = 0
    for index, (node, twin) in enumerate(zip(original.nodes, pruned.nodes, strict=True)):
        count += work.layer(node, twin, index)
        same = work.after.reads_the_same(twin, work.before, node)
        work.before.step(node)
        work.after.step(twin, [work.before[value] for value in node.outputs] if same else None)
        if progress is not None:
            progress(index + 1, len(original.nodes))
    return count


class _Refit:
    """Both networks, evaluated side by side up to the layer at hand."""

    def __init__(
        self, original: Graph[Op], pruned: Graph[Op], kept: Mapping[Value, Kept], samples: Sequence[Sample]
    ) -> None:
        self.before, self.after = Activations(original, samples), Activations(pruned, samples)
        self.kept = kept
        self.readers, self.twin_readers = original.consumer_map(), pruned.consumer_map()
        for value, twin in zip(original.inputs, pruned.inputs, strict=True):
            self.after.share(twin, self.before, value)
        values = zip(original.inputs, pruned.inputs, strict=True)
        nodes = zip(original.nodes, pruned.nodes, strict=True)
        self.twins = dict(values) | {a: b for n, t in nodes for a, b in zip(n.outputs, t.outputs, strict=True)}

    def layer(self, node: Node[Op], twin: Node[Op], seed: int) -> bool:
        """Refit one layer of the pruned network, unless nothing that it reads or writes has changed."""
        form, own = row_form(node), row_form(twin)
        if form is None or own is None or len(self.twin_readers[twin.operand(1)]) > 1:
            return False
        other = other_side(form, self.before, self.readers)
        changed = self.after[twin.operand(0)] is not self.before[node.operand(0)]
        if not changed and (other is None or self.after[self.twins[other]] is self.before[other]):
            return False
        picked = picked_rows(own, self.before.count, seed)
        target = self._target(form, own, other, picked)
        x, start = own.inputs(self.after[twin.operand(0)], picked), own.weights()
        strength = choose_strength(x, target.y, start)
        fit, y = Ridge(x), target.y
        weights = fit.weights(y, start, strength)
        for _ in range(0 if target.clamp.is_identity else HIDDEN_ROUNDS):
            y = target.nearest(fit.predicted(y, weights))
            weights = fit.weights(y, start, strength)
        bias = fit.bias(y, weights)
        if self._feeds_a_final_softmax(form):
            found = fit_probabilities(x[0], target.y[0], weights[0], bias[0])
            weights, bias = found[0][None], found[1][None]
        self._set(twin, own.data(weights), bias.astype(np.float32).reshape(-1))
        return True

    def _feeds_a_final_softmax(self, form: RowForm) -> bool:
        """Whether a Dense layer's output only becomes probabilities, row by row, which leave the graph."""
        y, graph = form.node.output, self.before.graph
        readers = self.readers.get(y, [])
        if not isinstance(form.node.op, Dense) or len(readers) != 1 or graph.is_output(y) or not form.clamp.is_identity:
            return False
        op, last = readers[0].op, len(y.shape) - 1
        rows = isinstance(op, Softmax | LogSoftmax) and tuple(op.axes(len(y.shape))) == (last,)
        return rows and graph.is_output(readers[0].output)

    def _target(self, form: RowForm, own: RowForm, other: Value | None, picked: np.ndarray) -> Target:
        x = form.inputs(self.before[form.node.operand(0)], picked)
        y = x @ form.weights().transpose(0, 2, 1) + form.bias()[:, None]
        flat = y.transpose(1, 0, 2).reshape(len(picked), -1)[:, self.kept[own.node.output].mask]
        y = flat.reshape(len(picked), own.groups, -1).transpose(1, 0, 2)
        if other is None:
            return Target(y, form.clamp)
        twin = self.twins[other]
        offset = own.channels(self.after[twin], picked)
        y = y + own.channels(self.kept[twin].of(self.before[other]), picked) - offset
        (add,) = self.readers[form.node.output]
        assert isinstance(add.op, Add)
        return Target(y, add.op.clamp, offset)

    def _set(self, twin: Node[Op], weights: np.ndarray, bias: np.ndarray) -> None:
        """New parameters under the old names; their own scales, if the model had any, no longer hold."""
        old = twin.operand(1)
        twin.inputs[1] = Value(old.name, weights.shape, data=weights)
        given = twin.inputs[2] if len(twin.inputs) > 2 else None
        if given is not None and len(self.twin_readers[given]) == 1:
            name = given.name
        else:
            name = Builder(self.after.graph).name(f"{twin.output.name}.bias")
        twin.inputs = [*twin.inputs[:2], Value(name, bias.shape, data=bias)]
