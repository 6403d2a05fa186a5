"""Chooses which parts of a graph run in row strips, for the smallest arena."""

from __future__ import annotations

from collections.abc import Callable

from edgewright.contracts import Contract
from edgewright.ir import Graph
from edgewright.plan.strips import Part, in_strips, parts

LONGEST_PART = 9
#: Strips are this many rows high.
ROWS = (16, 12, 8, 6, 5, 4, 3, 2, 1)

Measure = Callable[[Graph[Contract], bool], tuple[int, int]]
#: Candidates whose arena is computed exactly in each round; the others are judged by their lower bound.
FINALISTS = 8


def stream_rows(graph: Graph[Contract], measure: Measure) -> Graph[Contract]:
    """The graph, with the parts that set the peak in strips, as long as that is worth it.

    measure: arena bytes of a graph's plan and the step at which they are needed; quickly (a lower bound) or
    exactly. What is kept small is the cube of the arena times the multiply-accumulates: one percent of memory may
    cost three percent of work.
    """
    arena, peak = measure(graph, False)
    best = _score(arena, graph)
    while True:
        candidates = [
            candidate
            for part in parts(graph, LONGEST_PART)
            if part.first <= peak + 1 and peak - 1 <= part.last
            for candidate in _candidates(graph, part)
        ]
        promising = sorted(((_score(measure(c, True)[0], c), i) for i, c in enumerate(candidates)))[:FINALISTS]
        tried = []
        for bound, i in promising:
            if bound < best:
                size, step = measure(candidates[i], False)
                tried.append((_score(size, candidates[i]), i, step))
        if not tried or min(tried)[0] >= best:
            return graph
        best, i, peak = min(tried)
        graph = candidates[i]


def _score(arena: int, graph: Graph[Contract]) -> float:
    return float(arena) ** 3 * max(macs(graph), 1)


def _candidates(graph: Graph[Contract], part: Part) -> list[Graph[Contract]]:
    height = part.y.shape[1]
    return [in_strips(graph, part, -(-height // rows)) for rows in ROWS if rows < height]


def macs(graph: Graph[Contract]) -> int:
    """Multiply-accumulates of an integer graph."""
    return sum(node.op.macs for node in graph.nodes if isinstance(node.op, Contract))
