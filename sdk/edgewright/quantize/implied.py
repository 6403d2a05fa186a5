"""Scales that a quantized model does not say, and that follow from those that it says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgewright.ir import Graph, Node, Quant, Value
from edgewright.ops import Op
from edgewright.ops.add import Add
from edgewright.ops.base import ScaleRule
from edgewright.ops.conv import Conv
from edgewright.ops.mul import Mul
from edgewright.ops.unary import Unary
from edgewright.ops.window import Window
from edgewright.passes.channel_bounds import Bounds, channel_bounds
from edgewright.passes.channel_rules import trace_channels
from edgewright.quantize.ranges import Range, quant_for_range

#: A range that is proven, and not seen, may be so many times wider than the one behind it: it costs two bits at most.
WIDEST = 4.0


def add_implied_scales(graph: Graph[Op]) -> None:
    """Give a scale to values between values that have one, where no data are needed for it.

    - Readers that move, select, shift or scale ask for a range: what they saturate need not be told apart. All of
      theirs together is the value's, as far as interval arithmetic does not bound it.
    - Otherwise its bounds are its range, if no wider than `WIDEST` times what its readers give.

    Order: from the outputs up, so that readers come first.
    """
    readers = graph.consumer_map()
    bounds: dict[Value, Bounds] | None = None
    for value in reversed([*graph.inputs, *(out for node in graph.nodes for out in node.outputs)]):
        reading = readers.get(value, [])
        given = [node.outputs[0].quant for node in reading if len(node.outputs) == 1]
        quants = [quant for quant in given if quant is not None]
        if value.quant is not None or not reading or len(quants) != len(reading) or graph.is_output(value):
            continue
        asked = [_asked_range(node, quant) for node, quant in zip(reading, quants, strict=True)]
        ranges = [found for found in asked if found is not None]
        bounds = channel_bounds(trace_channels(graph)) if bounds is None else bounds
        proven = float(bounds[value].low.min()), float(bounds[value].high.max())
        if len(ranges) == len(asked):
            value.quant = covering([(max(low, proven[0]), min(high, proven[1])) for low, high in ranges], quants)
        elif proven[1] - proven[0] <= WIDEST * max(255 * quant.scale for quant in quants):
            value.quant = quant_for_range(*proven)


def covering(ranges: Sequence[Range], candidates: Sequence[Quant]) -> Quant:
    """A scale for all `ranges`: the candidate that covers them to one step and is no wider, else a new one."""
    low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
    for quant in candidates:
        first, last = _range(quant)
        if abs(first - low) <= quant.scale and abs(last - high) <= quant.scale:
            return quant
    return quant_for_range(low, high)


def _asked_range(node: Node[Op], quant: Quant) -> Range | None:
    """The inputs that `node` maps into the range of its output; None where that is not known."""
    ends = np.array(_range(quant))
    if node.op.scale_rule in (ScaleRule.SAME, ScaleRule.SHARED):
        return float(ends[0]), float(ends[1])
    if isinstance(node.op, Unary) and node.op.function == "Sqrt":
        return 0.0, float(ends[1] ** 2)
    constants = [
        v.data.astype(np.float64).reshape(-1, 1) for v in node.inputs[1:] if v is not None and v.data is not None
    ]
    if isinstance(node.op, Conv) and node.op.window == Window((1, 1)) and node.op.groups == constants[0].size:
        reached = (ends - (constants[1] if len(constants) > 1 else 0.0)) / constants[0]
    elif isinstance(node.op, Mul) and constants:
        reached = ends / constants[0]
    elif isinstance(node.op, Add) and constants:
        reached = ends - node.op.sign * constants[0]
    else:
        return None
    return (float(reached.min()), float(reached.max())) if np.all(np.isfinite(reached)) else None


def _range(quant: Quant) -> Range:
    low, high = quant.dequantize(np.array([-128, 127])).astype(np.float64).tolist()
    return low, high
