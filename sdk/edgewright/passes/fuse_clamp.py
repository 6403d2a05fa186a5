"""Fuses Relu and Clip into the layer before."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from edgewright.ir import Graph, Node, Value
from edgewright.ops import Op
from edgewright.ops.clip import Clip
from edgewright.ops.reshape import Reshape
from edgewright.ops.transpose import Transpose
from edgewright.passes.base import only_reader


def fuse_clamp(graph: Graph[Op]) -> int:
    """A Clip whose producer can clamp its own output (and feeds nothing else) disappears into it."""
    fused, producers = 0, graph.producers()
    for node in list(graph.nodes):
        if not isinstance(node.op, Clip):
            continue
        layer = _clamping_layer(graph, node.operand(0), node.output, producers)
        if layer is None:
            continue
        operation: Any = layer.op
        layer.op = replace(operation, clamp=operation.clamp.then(node.op.clamp))
        value = node.operand(0)
        value.quant = layer.output.quant = node.output.quant
        graph.replace_uses(node.output, value)
        graph.remove(node)
        fused += 1
    return fused


def _clamping_layer(
    graph: Graph[Op], value: Value, clipped: Value, producers: dict[Value, Node[Op]]
) -> Node[Op] | None:
    """The node before `value` (seen through moves of data) that has a `clamp`; None when it is shared."""
    while True:
        if only_reader(graph, value, {value: graph.consumers(value)}) is None:
            return None
        if value.quant is not None and value.quant != clipped.quant:
            return None
        node = producers.get(value)
        if node is None:
            return None
        has_clamp = any(field.name == "clamp" for field in fields(node.op))
        if has_clamp and not isinstance(node.op, Clip):
            return node if getattr(node.op, "takes_clamp", True) else None
        if not isinstance(node.op, Reshape | Transpose):
            return None
        value = node.operand(0)
