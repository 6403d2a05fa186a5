"""Folds a Pad of the spatial axes into the convolution or pool that reads it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from edgewright.ir import Graph, Node, Value
from edgewright.ir.builder import Builder
from edgewright.ops import Op
from edgewright.ops.conv import Conv
from edgewright.ops.pad import Pad
from edgewright.ops.pool import AveragePool, MaxPool, covered
from edgewright.ops.reshape import Reshape
from edgewright.passes.base import only_reader

#: A constant at or below this stands for minus infinity.
LOWEST = float(np.finfo(np.float32).min)


def fold_pad(graph: Graph[Op]) -> int:
    """Conv or pool of Pad(x): one layer with wider pads, where the padding means the same to it."""
    folded = 0
    for node in list(graph.nodes):
        if isinstance(node.op, Pad) and node.output.quant == node.operand(0).quant:
            folded += _fold(graph, node, node.op)
    return folded


def _fold(graph: Graph[Op], pad: Node[Op], amounts: Pad) -> int:
    readers = graph.consumer_map()
    layer = only_reader(graph, pad.output, readers)
    flat = layer if layer is not None and isinstance(layer.op, Reshape) else None  # [1, c, l] as [1, c, 1, l]
    if flat is not None:
        layer = only_reader(graph, flat.output, readers)
    if layer is None or not isinstance(layer.op, Conv | MaxPool | AveragePool):
        return 0
    pads = _spatial_pads(amounts, pad.output.shape, layer.operand(0).shape)
    op = None if pads is None else _widened(graph, pad.operand(0), amounts.value, layer.op, pads)
    if op is None:
        return 0
    source = pad.operand(0)
    if flat is not None:
        build = Builder(graph, flat.output.name)
        n, c, length = source.shape
        source = build.value(Reshape((n, c, 1, length)), [source])
        source.quant = pad.output.quant
        graph.insert_before(layer, build.nodes)
    layer.op = op
    layer.inputs[0] = source
    return 1


def _spatial_pads(pad: Pad, shape: tuple[int, ...], read: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """Top, left, bottom, right of a Pad to [n, c, l] or [n, c, h, w] that is read as `read`; None for other ones."""
    before, after = pad.before, pad.after
    read_as_is = len(shape) == 4 and read == shape
    read_as_row = len(shape) == 3 and read == (*shape[:2], 1, shape[2])
    if any(before[:2] + after[:2]) or not (read_as_is or read_as_row):
        return None
    (top, left), (bottom, right) = ((0, *amounts[2:])[-2:] for amounts in (before, after))
    return top, left, bottom, right


def _widened(
    graph: Graph[Op], x: Value, fill: float, op: Conv | MaxPool | AveragePool, pads: tuple[int, int, int, int]
) -> Conv | MaxPool | AveragePool | None:
    """`op` with `pads` of `fill` added to its own; None when that is not the same."""
    top, left, bottom, right = (a + b for a, b in zip(op.window.pads, pads, strict=True))
    window = replace(op.window, pads=(top, left, bottom, right))
    if isinstance(op, Conv):
        return replace(op, window=window) if fill == 0.0 else None
    h, w = x.shape[-2:] if len(x.shape) == 4 else (1, x.shape[-1])
    rows, cols = covered(window, h, w, window.out_size(h, w))
    if op.ceil or min(rows.min(), cols.min()) == 0:
        return None
    if isinstance(op, AveragePool):
        own = any(op.window.pads) and not op.count_include_pad
        return None if own or fill != 0.0 else replace(op, window=window, count_include_pad=True)
    never_wins = fill <= LOWEST or fill <= _least(graph, x)
    return replace(op, window=window) if never_wins else None


def _least(graph: Graph[Op], value: Value) -> float:
    """A lower bound of `value`, from the clamp of what makes it."""
    node = graph.producer(value)
    clamp = None if node is None else getattr(node.op, "clamp", None)
    return -math.inf if clamp is None else float(clamp.low)
