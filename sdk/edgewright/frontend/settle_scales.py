"""Brings the scales that a quantized model wrote behind its values to the values themselves."""

from __future__ import annotations

from edgewright.ir import Graph, Node, Value
from edgewright.ops import Op
from edgewright.ops.base import ScaleRule
from edgewright.ops.reshape import Reshape


def settle_scales(graph: Graph[Op]) -> None:
    """Give a value the scale that everyone who reads it asks for, and remove the copies that asked.

    A value whose readers ask for different scales, or of which somebody reads the float, keeps none: each such reader
    has a copy under its own scale. A scale also goes up through operations that move or select, because rounding
    and saturating before them gives the same as behind them. Order: from the outputs up, so that readers come first.
    """
    readers = graph.consumer_map()
    instead: dict[Value, Value] = {}
    for value in reversed([*graph.inputs, *(out for node in graph.nodes for out in node.outputs)]):
        reading = readers.get(value, [])
        if value.quant is None and reading and not graph.is_output(value):
            asked = {node.output.quant if _moves(node) else None for node in reading}
            value.quant = asked.pop() if len(asked) == 1 else None
        copies = [node.output for node in reading if _is_copy(node) and node.output.quant == value.quant]
        for copy in copies if value.quant is not None else []:
            if not graph.is_output(copy):
                instead[copy] = value
            elif not (value in graph.inputs or graph.is_output(value)):
                graph.replace_uses(copy, value)
    for node in graph.nodes:
        node.inputs = [None if v is None else _final(v, instead) for v in node.inputs]
    graph.nodes = [node for node in graph.nodes if not any(out in instead for out in node.outputs)]


def _final(value: Value, instead: dict[Value, Value]) -> Value:
    while value in instead:
        value = instead[value]
    return value


def _moves(node: Node[Op]) -> bool:
    return (
        isinstance(node.op, Op) and node.op.scale_rule in (ScaleRule.SAME, ScaleRule.SHARED) and len(node.outputs) == 1
    )


def _is_copy(node: Node[Op]) -> bool:
    return isinstance(node.op, Reshape) and node.operand(0).shape == node.output.shape
