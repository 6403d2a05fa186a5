"""Lets spatial operations run channels last, with explicit transposes around them."""

from __future__ import annotations

from edgewright.ir import Graph, Node, Value
from edgewright.ir.builder import Builder
from edgewright.ops.base import Op
from edgewright.ops.clip import Clip
from edgewright.ops.elementwise import Binary
from edgewright.ops.fused import FusedUnary
from edgewright.ops.reshape import Reshape
from edgewright.ops.spatial import TO_NCHW, TO_NHWC
from edgewright.ops.transpose import Transpose
from edgewright.ops.unary import Unary


def to_nhwc(graph: Graph[Op]) -> int:
    """x -> op -> y becomes Transpose(x) -> op, channels last -> Transpose -> y.

    An input that reaches such an operation through element-wise ones is stored channels last, with a transpose
    behind it. `sink_layout` then moves the transposes together and cancels them.
    """
    changed = sum(_turn_input(graph, value) for value in list(graph.inputs))
    for node in list(graph.nodes):
        form = node.op.channels_last_form()
        if form is None:
            continue
        build = Builder(graph, node.outputs[0].name)
        x = build.value(Transpose(TO_NHWC), [node.operand(0)])
        x.quant = node.operand(0).quant
        (y,) = build.node(form, [x, *node.inputs[1:]])
        y.quant = node.output.quant
        for new in build.nodes:
            new.name = node.name
        back = Node(Transpose(TO_NCHW), [y], node.outputs, node.name)
        at = graph.nodes.index(node)
        graph.nodes[at : at + 1] = [*build.nodes, back]
        changed += 1
    return changed


def _turn_input(graph: Graph[Op], value: Value) -> int:
    """Store an input [n, c, l] or [n, c, h, w] channels last where that helps: whether it did."""
    rank = len(value.shape)
    if rank not in (3, 4) or value.model_perm or graph.is_output(value) or not _reaches_layer(graph, value, value):
        return 0
    if all(not _is_elementwise(node) for node in graph.consumers(value)):
        return 0  # the layers turn it themselves
    perm = (0, *range(2, rank), 1)
    stored = Value(value.name, tuple(value.shape[a] for a in perm), value.dtype)
    stored.quant, stored.model_perm = value.quant, perm
    value.name = graph.fresh_name(f"{value.name}/turned")
    graph.inputs[graph.inputs.index(value)] = stored
    back = Node(Transpose(tuple(perm.index(a) for a in range(rank))), [stored], [value], value.name)
    graph.nodes.insert(0, back)
    return 1


def _is_elementwise(node: Node[Op]) -> bool:
    return isinstance(node.op, Unary | Clip | FusedUnary | Binary)


def _reaches_layer(graph: Graph[Op], source: Value, value: Value) -> bool:
    """Whether `value`, computed element by element from `source`, goes into an operation that runs channels last."""
    for node in graph.consumers(value):
        if node.op.channels_last_form() is not None and node.inputs[0] is value:
            return True
        same = node.outputs[0].shape == value.shape and _is_elementwise(node)
        flat = isinstance(node.op, Reshape) and node.output.shape == (*source.shape[:2], 1, *source.shape[2:])
        if (same or flat) and _reaches_layer(graph, source, node.outputs[0]):
            return True
    return False
