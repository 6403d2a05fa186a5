"""How much of a value matters to those who read it: a softmax behind a mask of -1e9, or a comparison with 0."""

from __future__ import annotations

import numpy as np

from edgewright.ir import Graph, Node, Value
from edgewright.ops import Op
from edgewright.ops.add import Add
from edgewright.ops.base import ScaleRule
from edgewright.ops.compare import Compare
from edgewright.ops.softmax import Softmax

#: exp(-12) is less than half of the 2^-16 that the exponential's table resolves: what is so far below its row's largest
#: value gives 0.
REACH = 12.0
#: Scores that differ less were not masked; masks begin at -100.
UNMASKED = 64.0
#: A row whose largest value is so far below that of the others is masked throughout.
MASKED = 1000.0
#: By how much a difference whose sign alone counts is resolved finer than its range would have it.
FINER = 32.0


def read_by_softmax(graph: Graph[Op]) -> dict[Value, tuple[int, ...]]:
    """The values that nothing but softmax reads, with the axes that each sums over."""
    found: dict[Value, tuple[int, ...]] = {}
    for value, nodes in graph.consumer_map().items():
        axes = {node.op.axes(len(value.shape)) if isinstance(node.op, Softmax) else None for node in nodes}
        if None not in axes and len(axes) == 1 and not value.is_const and not graph.is_output(value):
            found[value] = axes.pop() or ()
    return found


def differences(graph: Graph[Op]) -> list[Value]:
    """The values that are only compared with 0, of which the sign matters and nothing else."""
    zero = {
        value: all(isinstance(node.op, Compare) and node.op.bound == 0 for node in nodes)
        for value, nodes in graph.consumer_map().items()
    }
    made = {out for node in graph.nodes if isinstance(node.op, Add) for out in node.outputs}
    return [value for value, only in zero.items() if only and value in made and not graph.is_output(value)]


def without_masked(scores: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """`scores` raised to REACH below the largest of their row along `axes`; a softmax gives the same of them.

    Rows that are masked throughout become level with the least of the others. Scores without a mask stay as they are.
    """
    top = scores.max(axis=axes, keepdims=True)
    if np.all(scores > top - UNMASKED):
        return scores
    alive = top > top.max() - MASKED
    least = top[alive].min() - REACH
    raised: np.ndarray = np.where(alive, np.maximum(scores, top - REACH), least)
    return raised


def narrowed_operands(graph: Graph[Op], ranges: dict[Value, tuple[float, float]]) -> dict[Value, tuple[float, float]]:
    """What matters of the operands whose sums end in a softmax alone, beside those sums themselves.

    ranges: of every value, as far as it matters to who reads it. An operand below the least sum minus the most that
    the other operand can add makes the sum saturate in any case.
    """
    readers = graph.consumer_map()
    narrowed = {value: ranges[value] for value in read_by_softmax(graph)}
    for value in differences(graph):
        narrowed[value] = (ranges[value][0] / FINER, ranges[value][1] / FINER)
    for node in reversed(graph.nodes):
        found = narrowed.get(node.outputs[0]) if len(node.outputs) == 1 else None
        if found is None:
            continue
        for value, (low, high) in _operand_ranges(node, found, ranges):
            if len(readers[value]) == 1 and not graph.is_output(value):
                seen = ranges[value]
                narrowed[value] = ranges[value] = max(seen[0], min(low, 0.0)), min(seen[1], max(high, 0.0))
    return narrowed


def _operand_ranges(
    node: Node[Op], out: tuple[float, float], ranges: dict[Value, tuple[float, float]]
) -> list[tuple[Value, tuple[float, float]]]:
    """What of each computed operand can still change an output that saturates outside `out`."""
    if node.op.scale_rule is ScaleRule.SAME:
        return [(node.operand(0), out)] if not node.operand(0).is_const else []
    if not isinstance(node.op, Add):
        return []
    found = []
    for k, sign in ((0, 1), (1, node.op.sign)):
        value, other = node.operand(k), node.operand(1 - k)
        if value.is_const:
            continue
        ends = ranges[other] if other.data is None else (float(other.data.min()), float(other.data.max()))
        added = sorted(end * (node.op.sign if k == 0 else 1) for end in ends)
        low, high = sorted((sign * (out[0] - added[1]), sign * (out[1] - added[0])))
        found.append((value, (low, high)))
    return found
