"""Stores the graph's inputs and outputs in the layout that the inside uses."""

from __future__ import annotations

from edgewright.ir import Graph, Value
from edgewright.ir.builder import Builder
from edgewright.ops import Op
from edgewright.ops.reshape import Reshape
from edgewright.ops.transpose import Transpose
from edgewright.passes.layout_turns import turn_before


def absorb_ends(graph: Graph[Op]) -> int:
    """A transpose behind an input or before an output goes; the end is stored transposed.

    Before an output it is seen through a reshape that only adds or drops sizes of 1.

    The new value remembers the model's axis order in `model_perm`.
    """
    return _absorb_inputs(graph) + _absorb_outputs(graph)


def _absorb_inputs(graph: Graph[Op]) -> int:
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


def _absorb_outputs(graph: Graph[Op]) -> int:
    absorbed = 0
    for index, value in enumerate(list(graph.outputs)):
        node, turn = graph.producer(value), turn_before(graph, value)
        if node is None or turn is None or graph.consumers(value) or turn.source.quant != value.quant:
            continue
        inner = turn.source
        if inner.is_const or (isinstance(node.op, Transpose) and (graph.is_output(inner) or inner in graph.inputs)):
            continue
        build = Builder(graph, f"{value.name}/stored")
        stored = inner if isinstance(node.op, Transpose) else build.value(Reshape(turn.shape), [inner])
        at = graph.nodes.index(node)
        graph.nodes[at : at + 1] = build.nodes
        stored.name, stored.quant, stored.dtype = value.name, value.quant, value.dtype
        stored.model_perm = tuple(turn.perm.index(a) for a in range(len(turn.perm)))
        graph.outputs[index] = stored
        absorbed += 1
    return absorbed
