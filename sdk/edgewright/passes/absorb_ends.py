"""Stores the graph's inputs and outputs in the layout that the inside uses."""

from __future__ import annotations

from edgewright.ir import Graph, Value
from edgewright.ops.transpose import Transpose


def absorb_ends(graph: Graph) -> int:
    """A transpose right behind an input or right before an output goes; the end is stored transposed.

    The new value remembers the model's axis order in `model_perm`.
    """
    return _absorb_inputs(graph) + _absorb_outputs(graph)


def _absorb_inputs(graph: Graph) -> int:
    absorbed = 0
    for index, value in enumerate(list(graph.inputs)):
        readers = graph.consumers(value)
        turns = [n for n in readers if isinstance(n.op, Transpose)]
        if not turns or len(turns) != len(readers) or graph.is_output(value):
            continue
        perm = turns[0].op.perm  # type: ignore[attr-defined]
        if any(n.op.perm != perm or n.output.quant != value.quant for n in turns):  # type: ignore[attr-defined]
            continue
        if any(graph.is_output(n.output) for n in turns):
            continue
        axes = perm if value.model_perm is None else tuple(value.model_perm[a] for a in perm)
        kept = axes if axes != tuple(range(len(axes))) else None
        stored = Value(value.name, turns[0].output.shape, value.dtype, None, value.quant, model_perm=kept)
        for node in turns:
            graph.replace_uses(node.output, stored)
            graph.remove(node)
        graph.inputs[index] = stored
        absorbed += 1
    return absorbed


def _absorb_outputs(graph: Graph) -> int:
    absorbed = 0
    for index, value in enumerate(list(graph.outputs)):
        node = graph.producer(value)
        if node is None or not isinstance(node.op, Transpose) or graph.consumers(value):
            continue
        inner = node.operand(0)
        if graph.is_output(inner) or inner in graph.inputs or inner.is_const or inner.quant != value.quant:
            continue
        inverse = tuple(node.op.perm.index(a) for a in range(len(node.op.perm)))
        graph.remove(node)
        inner.name, inner.model_perm = value.name, inverse
        graph.outputs[index] = inner
        absorbed += 1
    return absorbed
