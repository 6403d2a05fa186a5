"""Row strips: a part of the graph runs strip by strip, so that its inner values never exist as a whole.

    for each strip of rows of the part's output:
        walk its nodes backwards: which rows of each value do the rows below need?
        emit a copy of each node on just those rows (views of the part's input cost nothing)
    stack the strips, which are computed where they belong

Rows at the seams are computed twice. Exact: every copy is an ordinary contract with its own padding.
Source of the idea: patch-based inference, J. Lin et al., "MCUNetV2", NeurIPS 2021.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edgewright.contracts import Contract
from edgewright.contracts.elementwise import AddS8, LutS8, MulS8, PreluS8
from edgewright.contracts.movement import RowsS8, StackRowsS8
from edgewright.ir import Graph, Node, Value
from edgewright.plan.rows import Rows, Windowed, has_row_contracts, input_rows, on_rows

Pointwise = AddS8 | MulS8 | LutS8 | PreluS8


@dataclass(frozen=True)
class Part:
    """Nodes [first, last] of a graph, with one value `x` coming in and one value `y` going out."""

    first: int
    last: int
    x: Value
    y: Value


def parts(graph: Graph[Contract], longest: int) -> list[Part]:
    """Every part of at most `longest` nodes that can run in strips."""
    cuts = _cuts(graph)
    found = []
    for a, x in cuts.items():
        for b, y in cuts.items():
            nodes = graph.nodes[a + 1 : b + 1]
            if 1 < len(nodes) <= longest and all(_strippable(node) for node in nodes) and not graph.is_output(x):
                found.append(Part(a + 1, b, x, y))
    return found


def _cuts(graph: Graph[Contract]) -> dict[int, Value]:
    """Step -> the one value that is alive behind it (step -1: the input), where there is just one."""
    if len(graph.inputs) != 1:
        return {}
    last: dict[Value, int] = {}
    for step, node in enumerate(graph.nodes):
        last.update({v: step for v in node.inputs if v is not None and not v.is_const})
    alive = {graph.inputs[0]}
    found = {-1: graph.inputs[0]}
    for step, node in enumerate(graph.nodes):
        alive = {v for v in alive if last.get(v, -1) > step or graph.is_output(v)} | {node.output}
        if len(alive) == 1:
            found[step] = node.output
    return found


def _strippable(node: Node[Contract]) -> bool:
    shape = node.output.shape
    if len(shape) != 4 or shape[0] != 1:
        return False
    if isinstance(node.op, Windowed):
        return has_row_contracts(node.op)
    dynamic = [v for v in node.inputs if v is not None]
    return isinstance(node.op, Pointwise) and all(v.shape == shape for v in dynamic)


def in_strips(graph: Graph[Contract], part: Part, count: int) -> Graph[Contract]:
    """A graph that means the same, with `part` in at most `count` strips of equal height."""
    height = part.y.shape[1]
    tall = -(-height // count)
    ranges = [Rows(top, min(top + tall, height)) for top in range(0, height, tall)]
    strips = [_Strip(graph.nodes[part.first : part.last + 1], part, k, rows) for k, rows in enumerate(ranges)]
    nodes = [node for strip in strips for node in strip.nodes]
    h, w, c = part.y.shape[1:]
    stack = StackRowsS8((h, w, c), _distance(part, strips))
    whole = Value(part.y.name, part.y.shape, part.y.dtype, None, part.y.quant, model_perm=part.y.model_perm)
    inputs: list[Value | None] = [*(strip.result for strip in strips), *(strip.early for strip in strips), part.x]
    nodes.append(Node(stack, inputs, [whole], graph.nodes[part.last].name))
    rest = [
        Node(n.op, [whole if v is part.y else v for v in n.inputs], n.outputs, n.name)
        for n in graph.nodes[part.last + 1 :]
    ]
    outputs = [whole if v is part.y else v for v in graph.outputs]
    return Graph(graph.name, list(graph.inputs), outputs, [*graph.nodes[: part.first], *nodes, *rest])


def _distance(part: Part, strips: Sequence[_Strip]) -> int:
    """How far the output must start before the input, so that no strip is written over rows still to be read.

    A strip is written from the node on that makes its `early` value: it must end before the rows that this node, the
    ones behind it and the next strips read. A last node without one goes element by element, in order.
    """
    x_row = part.x.size // part.x.shape[1]
    y_row = part.y.size // part.y.shape[1]
    distance = 0
    for strip, following in zip(strips, [*strips[1:], None], strict=True):
        end = strip.wanted.last * y_row
        if following is not None:
            distance = max(distance, end - following.rows[part.x].first * x_row)
        if strip.early is strip.result:
            distance = max(distance, strip.wanted.first * y_row - strip.rows[part.x].first * x_row)
        elif strip.first_row_after_early is not None:
            distance = max(distance, end - strip.first_row_after_early * x_row)
    return distance


class _Strip:
    """Copies the nodes of a part for the rows `wanted` of its output.

    result: the strip. early: the value that becomes `result` in place, if any, else `result`.
    first_row_after_early: the first row of the part's input that is read from the making of `early` on.
    """

    def __init__(self, sources: Sequence[Node[Contract]], part: Part, number: int, wanted: Rows) -> None:
        self.part = part
        self.number = number
        self.wanted = wanted
        self.rows: dict[Value, Rows] = {part.y: wanted}
        self.made: dict[Value, Value] = {}
        self.nodes: list[Node[Contract]] = []
        for node in reversed(sources):
            out = self.rows[node.output]
            for value in node.inputs:
                if value is not None and not value.is_const:
                    self.rows[value] = _input_rows(node, out).joined(self.rows.get(value))
        for node in sources:
            self._copy(node)
        self.result = self.made[part.y]
        self.early = self._early(sources)
        self.first_row_after_early = self._first_row_after(sources, self.early)

    def _early(self, sources: Sequence[Node[Contract]]) -> Value:
        """An operand of the last node that only it reads and whose memory the result may take over."""
        last, copy = sources[-1], self.nodes[-1]
        for index in copy.op.in_place:
            source, value = last.inputs[index], copy.inputs[index]
            if source is None or value is None or source is self.part.x or value is not self.made.get(source):
                continue
            readers = [n for n in sources if any(v is source for v in n.inputs)]
            if len(readers) == 1 and last.inputs.count(source) == 1 and value.nbytes == self.result.nbytes:
                return value
        return self.result

    def _first_row_after(self, sources: Sequence[Node[Contract]], early: Value) -> int | None:
        started, first = False, None
        for node in sources:
            started = started or self.made[node.output] is early
            if started and any(v is self.part.x for v in node.inputs):
                row = _input_rows(node, self.rows[node.output]).first
                first = row if first is None else min(first, row)
        return first

    def _copy(self, node: Node[Contract]) -> None:
        out = self.rows[node.output]
        inputs = []
        for index, value in enumerate(node.inputs):
            if value is None or value.is_const:
                inputs.append(value)
            else:
                inputs.append(self._view(value, _input_rows(node, out), f"{node.output.name}/{index}"))
        shape = (1, out.count, *node.output.shape[2:])
        result = Value(self._name(node.output.name), shape, node.output.dtype, None, node.output.quant)
        self.nodes.append(Node(_on_rows(node, out), inputs, [result], self._name(node.name)))
        self.made[node.output] = result

    def _view(self, value: Value, need: Rows, name: str) -> Value:
        """Rows `need` of `value`: of its strip, or of the part's input."""
        whole, offset = (value, 0) if value is self.part.x else (self.made[value], self.rows[value].first)
        if whole.shape[1] == need.count:
            return whole
        view = RowsS8(need.first - offset, need.count, (whole.shape[1], whole.shape[2], whole.shape[3]))
        result = Value(self._name(f"{name}/rows"), (1, need.count, *whole.shape[2:]), "int8", None, value.quant)
        self.nodes.append(Node(view, [whole], [result], self._name(name)))
        return result

    def _name(self, stem: str) -> str:
        return f"{stem}#{self.number}"


def _input_rows(node: Node[Contract], out: Rows) -> Rows:
    """Rows of each input that the output rows `out` are computed from."""
    return input_rows(node.op, out) if isinstance(node.op, Windowed) else out


def _on_rows(node: Node[Contract], out: Rows) -> Windowed | Pointwise:
    """The contract of `node` for just the output rows `out`."""
    op = node.op
    if isinstance(op, Windowed):
        return on_rows(op, out)
    shape = (1, out.count, *node.output.shape[2:])
    if isinstance(op, LutS8):
        return replace(op, n=math.prod(shape))
    if isinstance(op, PreluS8):
        return replace(op, out_shape=shape)
    assert isinstance(op, AddS8 | MulS8)
    return replace(op, out_shape=shape, a_shape=shape, b_shape=shape)
