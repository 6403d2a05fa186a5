"""Moves reshapes and transposes down through the graph until they meet, cancel or reach an end."""

from __future__ import annotations

import numpy as np

from edgewright.ir import Graph, Node, Value
from edgewright.ir.builder import Builder
from edgewright.ops.base import Op
from edgewright.ops.clip import Clip
from edgewright.ops.dense import Dense
from edgewright.ops.elementwise import Binary
from edgewright.ops.fused import FusedUnary
from edgewright.ops.reshape import Reshape
from edgewright.ops.transpose import Transpose
from edgewright.ops.unary import Unary
from edgewright.passes.layout_turns import turn_before

#: Every application moves a transpose down or removes one, so this is never reached; it only bounds the time.
MOST_ROUNDS = 1000


def sink_layout(graph: Graph[Op]) -> int:
    """Apply the rules below until none applies; the number of applications.

    - two moves in a row become one, and one that moves nothing goes;
    - a transpose behind a reshape that only adds or drops sizes of 1 goes before it;
    - an element-wise operation runs before the move of its inputs instead of behind it;
    - an operation with an axis runs on untransposed data with another axis;
    - a transpose that is flattened into a fully connected layer permutes its weights instead.
    """
    rules = (_merge, _swap, _through_elementwise, _through_permuted, _into_dense)
    total = 0
    for _ in range(MOST_ROUNDS):
        changed = 0
        for node in list(graph.nodes):
            if node in graph.nodes and any(rule(graph, node) for rule in rules):
                changed += 1
        graph.prune()
        total += changed
        if not changed:
            break
    return total


def _move_before(graph: Graph[Op], value: Value | None) -> Node[Op] | None:
    if value is None or value.is_const:
        return None
    node = graph.producer(value)
    return node if node is not None and isinstance(node.op, Reshape | Transpose) else None


def _same_scale(node: Node[Op], before: Node[Op]) -> bool:
    """Whether dropping the value between two moves loses no scale of its own."""
    middle, source = before.output.quant, before.operand(0).quant
    return middle is None or middle in (source, node.output.quant)


def _merge(graph: Graph[Op], node: Node[Op]) -> bool:
    """move(move(x)) -> move(x); a move that changes nothing -> x."""
    if not isinstance(node.op, Reshape | Transpose):
        return False
    x = node.operand(0)
    if isinstance(node.op, Transpose) and node.op.keeps_order(x.shape):
        node.op = Reshape(node.output.shape)
        return True
    if isinstance(node.op, Reshape) and x.shape == node.output.shape and not _ends_matter(graph, node):
        graph.replace_uses(node.output, x)
        graph.remove(node)
        return True
    before = _move_before(graph, x)
    if before is None or not _same_scale(node, before):
        return False
    if isinstance(node.op, Reshape) and isinstance(before.op, Reshape):
        node.inputs = [before.operand(0)]
        return True
    if isinstance(node.op, Transpose) and isinstance(before.op, Transpose):
        node.op = Transpose(tuple(before.op.perm[a] for a in node.op.perm))
        node.inputs = [before.operand(0)]
        return True
    return False


def _ends_matter(graph: Graph[Op], node: Node[Op]) -> bool:
    """Whether a move that changes nothing has to stay: it requantizes, or joins an input or output to an end."""
    x, y = node.operand(0), node.output
    if y.quant is not None and x.quant is not None and x.quant != y.quant:
        return True
    return graph.is_output(y) and (graph.is_output(x) or x.is_const or x in graph.inputs)


def _swap(graph: Graph[Op], node: Node[Op]) -> bool:
    """Transpose(Reshape(x)) -> Reshape(Transpose(x)) when the reshape only adds or drops sizes of 1."""
    if not isinstance(node.op, Transpose):
        return False
    before = _move_before(graph, node.operand(0))
    if before is None or not isinstance(before.op, Reshape) or not _same_scale(node, before):
        return False
    x, middle = before.operand(0), before.output
    source_axes = [a for a, n in enumerate(x.shape) if n != 1]
    middle_axes = [a for a, n in enumerate(middle.shape) if n != 1]
    if [x.shape[a] for a in source_axes] != [middle.shape[a] for a in middle_axes]:
        return False
    wide = dict(zip(middle_axes, source_axes, strict=True))
    order = iter([wide[a] for a in node.op.perm if a in wide])
    perm = tuple(a if n == 1 else next(order) for a, n in enumerate(x.shape))
    build = Builder(graph, node.output.name)
    turned = build.value(Transpose(perm), [x])
    turned.quant = node.output.quant
    graph.insert_before(node, build.nodes)
    node.op, node.inputs = Reshape(node.output.shape), [turned]
    return True


def _through_elementwise(graph: Graph[Op], node: Node[Op]) -> bool:
    """f(Reshape(x)) -> Reshape(f(x)), for one input, or two that come from equal reshapes."""
    if not isinstance(node.op, Unary | Clip | FusedUnary | Binary):
        return False
    dynamic = [v for v in node.inputs if v is not None and not v.is_const]
    if any(v.is_const and v.size != 1 for v in node.inputs if v is not None):
        return False
    moves = [_move_before(graph, v) for v in dynamic]
    if any(m is None or not isinstance(m.op, Reshape) for m in moves):
        return False
    sources = [m.operand(0) for m in moves if m is not None]
    if any(s.shape != sources[0].shape for s in sources) or any(v.shape != node.output.shape for v in dynamic):
        return False
    if any(s.quant != v.quant for s, v in zip(sources, dynamic, strict=True)):
        return False
    feed = iter(sources)
    _run_before(graph, node, node.op, [v if v is None or v.is_const else next(feed) for v in node.inputs],
                Reshape(node.output.shape))  # fmt: skip
    return True


def _through_permuted(graph: Graph[Op], node: Node[Op]) -> bool:
    """op(Transpose(x)) -> Transpose(op'(x)) where that turns fewer elements than it saves."""
    dynamic = [v for v in node.inputs if v is not None and not v.is_const]
    turns = {v: turn for v in dynamic if (turn := turn_before(graph, v)) is not None}
    if not turns:
        return False
    perms = [turn.perm for turn in turns.values()]
    perm = max(set(perms), key=perms.count)
    inverse = tuple(int(a) for a in np.argsort(perm))
    matched = [v for v in dynamic if v in turns and turns[v].perm == perm]
    others = [v for v in dynamic if v not in matched and not Transpose(inverse).keeps_order(_aligned(v.shape, perm))]
    if sum(v.size for v in matched) <= sum(v.size for v in others):
        return False
    form = node.op.permuted(inverse, [None if v is None else v.shape for v in node.inputs])
    if form is None or any(len(v.shape) != len(perm) for v in (*node.outputs, *matched)):
        return False
    build = Builder(graph, node.outputs[0].name)
    inputs: list[Value | None] = []
    for v in node.inputs:
        turn = turns.get(v) if v is not None and v in matched else None
        inputs.append(turn.source_of(build) if turn is not None else v and _unturned(build, v, inverse))
    _run_before(graph, node, form, inputs, Transpose(perm), build)
    return True


def _aligned(shape: tuple[int, ...], perm: tuple[int, ...]) -> tuple[int, ...]:
    return (1,) * (len(perm) - len(shape)) + shape


def _unturned(build: Builder, value: Value, inverse: tuple[int, ...]) -> Value:
    """`value` with its axes in the order `inverse`."""
    if value.size == 1:
        return value
    shape = _aligned(value.shape, inverse)
    if value.data is not None:
        turned = build.const(np.ascontiguousarray(value.data.reshape(shape).transpose(inverse)), value.name)
        turned.quant = value.quant
        return turned
    if shape != value.shape:
        value = _with_quant(build.value(Reshape(shape), [value]), value)
    return _with_quant(build.value(Transpose(inverse), [value]), value)


def _with_quant(new: Value, old: Value) -> Value:
    new.quant = old.quant
    return new


def _run_before(
    graph: Graph[Op], node: Node[Op], op: Op, inputs: list[Value | None], move: Op, build: Builder | None = None
) -> None:
    """Replace `node` by `op` on `inputs`, followed by `move` on each output."""
    build = build or Builder(graph, node.outputs[0].name)
    results = build.node(op, inputs)
    moves = []
    for result, out in zip(results, node.outputs, strict=True):
        result.quant = out.quant
        moves.append(Node(move if isinstance(move, Transpose) else Reshape(out.shape), [result], [out], node.name))
    for new in build.nodes:
        new.name = node.name
    at = graph.nodes.index(node)
    graph.nodes[at : at + 1] = [*build.nodes, *moves]


def _into_dense(graph: Graph[Op], node: Node[Op]) -> bool:
    """Dense(Reshape(Transpose(x))) with everything flattened -> Dense'(Reshape(x))."""
    if not isinstance(node.op, Dense):
        return False
    flatten = _move_before(graph, node.operand(0))
    if flatten is None or not isinstance(flatten.op, Reshape):
        return False
    turn = _move_before(graph, flatten.operand(0))
    weights = node.operand(1)
    if turn is None or not isinstance(turn.op, Transpose) or weights.data is None:
        return False
    x, features = turn.operand(0), weights.shape[1]
    if x.size != features or x.quant != flatten.output.quant:
        return False
    order = np.arange(features).reshape(turn.output.shape).transpose(np.argsort(turn.op.perm)).reshape(-1)
    build = Builder(graph, weights.name)
    permuted = build.const(np.ascontiguousarray(weights.data[:, order]), weights.name)
    permuted.weight_scales = weights.weight_scales
    flat = build.value(Reshape(flatten.output.shape), [x])
    flat.quant = x.quant
    for new in build.nodes:
        new.name = node.name
    graph.insert_before(node, build.nodes)
    node.inputs = [flat, permuted, *node.inputs[2:]]
    return True
