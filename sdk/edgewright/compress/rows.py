"""Linear layers as matrix products: each output row is an input row times the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edgewright.compress.activations import Activations, batch_size
from edgewright.ir import Node, Value
from edgewright.ops import Op
from edgewright.ops.activation import Clamp
from edgewright.ops.add import Add
from edgewright.ops.conv import Conv
from edgewright.ops.conv_transpose import ConvTranspose
from edgewright.ops.dense import Dense
from edgewright.ops.window import Window

#: More rows than this change a fit little; fewer must do where rows are long, so that memory stays bounded.
MOST_ROWS, MOST_ELEMENTS = 24_000, 2**24


@dataclass(frozen=True, eq=False)
class RowForm:
    """A Conv, ConvTranspose or Dense (channels first) as y[g] = x[g] w[g]^T + b, for each of `groups`.

    Column c * taps + t of x[g] is tap t of the group's input channel c. rows: of one sample.
    """

    node: Node[Op]
    groups: int
    taps: int
    rows: int

    def weights(self) -> np.ndarray:
        """float64 [groups, outputs, columns]."""
        data = self.node.operand(1).data
        assert data is not None
        if isinstance(self.node.op, ConvTranspose):
            split = data.reshape(self.groups, -1, *data.shape[1:]).transpose(0, 2, 1, 3, 4)
            data = np.ascontiguousarray(split[..., ::-1, ::-1]).reshape(-1, *split.shape[2:])
        return data.reshape(self.groups, len(data) // self.groups, -1).astype(np.float64)

    def data(self, weights: np.ndarray) -> np.ndarray:
        """[groups, outputs, columns] as the layer holds them, float32."""
        shape, weights = self.node.operand(1).shape, weights.astype(np.float32)
        if not isinstance(self.node.op, ConvTranspose):
            return weights.reshape(shape)
        split = weights.reshape(self.groups, weights.shape[1], -1, *shape[2:])[..., ::-1, ::-1]
        return np.ascontiguousarray(split.transpose(0, 2, 1, 3, 4)).reshape(shape)

    def bias(self) -> np.ndarray:
        """float64 [groups, outputs]; zeros where there is none."""
        value = self.node.inputs[2] if len(self.node.inputs) > 2 else None
        if value is None or value.data is None:
            return np.zeros((self.groups, self.outputs // self.groups))
        return value.data.reshape(self.groups, -1).astype(np.float64)

    @property
    def clamp(self) -> Clamp:
        """What the layer applies to its own output."""
        assert isinstance(self.node.op, Conv | ConvTranspose | Dense)
        return self.node.op.clamp

    @property
    def columns(self) -> int:
        """Length of an input row of one group."""
        weights = self.node.operand(1)
        return weights.size // self.outputs

    @property
    def outputs(self) -> int:
        """Output channels of the layer."""
        return self.node.output.shape[-1 if isinstance(self.node.op, Dense) else 1]

    def inputs(self, x: np.ndarray, picked: np.ndarray) -> np.ndarray:
        """Rows `picked` (sorted) of an input x [samples, *shape]: float64 [groups, picked, columns]."""
        size, parts = batch_size(self.node), []
        for start in range(0, len(x), size):
            first, last = np.searchsorted(picked, (start * self.rows, (start + size) * self.rows))
            if first < last:
                parts.append(self._unfolded(x[start : start + size], picked[first:last] - start * self.rows))
        return np.concatenate(parts, axis=1)

    def channels(self, y: np.ndarray, picked: np.ndarray) -> np.ndarray:
        """The same rows of something of the output's shape, [samples, *shape]: float64 [groups, picked, outputs]."""
        flat = y.reshape(-1, self.outputs)
        if not isinstance(self.node.op, Dense):
            sample, position = np.divmod(picked, self.rows)
            flat = y.reshape(len(y), self.outputs, self.rows)[sample, :, position]
        else:
            flat = flat[picked]
        rows: np.ndarray = flat.astype(np.float64).reshape(len(picked), self.groups, -1).transpose(1, 0, 2)
        return rows

    def _unfolded(self, x: np.ndarray, picked: np.ndarray) -> np.ndarray:
        op = self.node.op
        if isinstance(op, Dense):
            return np.asarray(x.reshape(-1, x.shape[-1])[None, picked], dtype=np.float64)
        assert isinstance(op, Conv | ConvTranspose)
        image = x.reshape(-1, *x.shape[2:]).transpose(0, 2, 3, 1)
        window = op.window
        if isinstance(op, ConvTranspose):
            image, window = _stretched(image, window)
        h, w = self.node.output.shape[2:]
        taps = [tap.reshape(-1, tap.shape[3])[picked] for tap in window.taps(image, (h, w), 0.0)]
        columns: np.ndarray = np.stack(taps, axis=-1).astype(np.float64).reshape(len(picked), self.groups, -1)
        rows: np.ndarray = columns.transpose(1, 0, 2)
        return rows


def row_form(node: Node[Op]) -> RowForm | None:
    """The layer of a node; None for what is no linear layer, or a transposed convolution that cuts off whole taps."""
    op = node.op
    if isinstance(op, Dense):
        return RowForm(node, 1, 1, node.output.size // node.output.shape[-1])
    if not isinstance(op, Conv | ConvTranspose) or op.channels_last:
        return None
    if isinstance(op, ConvTranspose) and any(op.window.pads[k] >= op.window.extent[k] for k in (0, 1)):
        return None
    return RowForm(node, op.groups, op.window.kernel[0] * op.window.kernel[1], int(np.prod(node.output.shape[2:])))


def picked_rows(form: RowForm, samples: int, seed: int) -> np.ndarray:
    """Which rows of so many samples stand for all of them, sorted; all, if they are few."""
    total = samples * form.rows
    most = min(MOST_ROWS, MOST_ELEMENTS // max(1, form.groups * form.columns))
    if total <= most:
        return np.arange(total)
    return np.sort(np.random.default_rng(seed).choice(total, most, replace=False))


def _stretched(image: np.ndarray, window: Window) -> tuple[np.ndarray, Window]:
    """The input of a transposed convolution with zeros between its positions, and the window that runs over it."""
    n, h, w, c = image.shape
    (sh, sw), (eh, ew) = window.stride, window.extent
    wide = np.zeros((n, (h - 1) * sh + 1, (w - 1) * sw + 1, c), dtype=image.dtype)
    wide[:, ::sh, ::sw] = image
    pads = (eh - 1 - window.pads[0], ew - 1 - window.pads[1], 0, 0)
    return wide, Window(window.kernel, (1, 1), window.dilation, pads)


def other_side(form: RowForm, before: Activations, readers: Mapping[Value, Sequence[Node[Op]]]) -> Value | None:
    """What is added to the output of a layer and already computed, when that is all that becomes of it.

    before: the values of the layer's graph so far. readers: of each value of that graph.
    """
    y = form.node.output
    found = readers.get(y, [])
    if len(found) != 1 or before.graph.is_output(y) or not form.clamp.is_identity:
        return None
    (reader,) = found
    if not isinstance(reader.op, Add) or reader.op.sign != 1:
        return None
    other = reader.operand(1 if reader.inputs[0] is y else 0)
    return other if other is not y and other.shape == y.shape and other in before else None
