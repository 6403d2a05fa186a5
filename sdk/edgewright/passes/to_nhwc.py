"""Lets spatial operations run channels last, with explicit transposes around them."""

from __future__ import annotations

from edgewright.ir import Graph, Node
from edgewright.ir.builder import Builder
from edgewright.ops.base import Op
from edgewright.ops.spatial import TO_NCHW, TO_NHWC
from edgewright.ops.transpose import Transpose


def to_nhwc(graph: Graph) -> int:
    """x -> op -> y becomes Transpose(x) -> op, channels last -> Transpose -> y.

    `sink_layout` then moves the transposes together and cancels them.
    """
    changed = 0
    for node in list(graph.nodes):
        assert isinstance(node.op, Op)
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
