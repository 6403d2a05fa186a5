"""Finds layer normalisations that an exporter wrote out as primitive nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.ir import Graph, Node, Value
from edgewright.ir.builder import Builder
from edgewright.ops import Op
from edgewright.ops.add import Add
from edgewright.ops.layer_norm import LayerNorm
from edgewright.ops.mul import Mul
from edgewright.ops.reduce import Reduce
from edgewright.ops.transpose import Transpose
from edgewright.ops.unary import Unary
from edgewright.passes.base import only_reader


def recognise_layer_norm(graph: Graph[Op]) -> int:
    """(x - mean(x)) * 1 / sqrt(mean((x - mean(x))^2) + epsilon), then * gamma and + beta where given: one LayerNorm.

    The mean runs over trailing axes, or over the channels of an image, which are turned to the end then.
    """
    found = 0
    for node in list(graph.nodes):
        match = _match(graph, node) if node in graph.nodes else None
        if match is not None:
            _replace(graph, node, match)
            found += 1
    return found


@dataclass(frozen=True, eq=False)
class _Match:
    x: Value
    axes: tuple[int, ...]
    epsilon: float


def _match(graph: Graph[Op], node: Node[Op]) -> _Match | None:
    """What `node` normalises, when it is the product of a deviation and the reciprocal of its root mean square."""
    if not isinstance(node.op, Mul) or not node.op.clamp.is_identity:
        return None
    for index in (0, 1):
        deviation, inverse = node.operand(index), node.operand(1 - index)
        centred = _centred(graph, deviation)
        spread = _made_by(graph, inverse, "Reciprocal")
        total = None if spread is None else _made_by(graph, spread, "Sqrt")
        added = None if total is None else graph.producer(total)
        if centred is None or added is None or not isinstance(added.op, Add) or added.op.sign != 1:
            continue
        x, axes = centred
        epsilon = next((v.data for v in added.inputs if v is not None and v.data is not None and v.size == 1), None)
        variance = next((v for v in added.inputs if v is not None and v.data is None), None)
        if epsilon is not None and variance is not None and _is_variance(graph, variance, x, axes):
            return _Match(x, axes, float(epsilon.reshape(())))
    return None


def _made_by(graph: Graph[Op], value: Value, function: str) -> Value | None:
    """The operand of the unary function that makes `value`."""
    node = None if value.is_const else graph.producer(value)
    return node.operand(0) if node is not None and isinstance(node.op, Unary) and node.op.function == function else None


def _mean(graph: Graph[Op], value: Value) -> tuple[Value, tuple[int, ...]] | None:
    node = None if value.is_const else graph.producer(value)
    if node is None or not isinstance(node.op, Reduce) or node.op.function != "mean" or not node.op.clamp.is_identity:
        return None
    return node.operand(0), node.op.axes


def _centred(graph: Graph[Op], value: Value) -> tuple[Value, tuple[int, ...]] | None:
    """(x, axes) when `value` is x - mean(x, axes)."""
    node = None if value.is_const else graph.producer(value)
    if node is None or not isinstance(node.op, Add) or node.op.sign != -1 or not node.op.clamp.is_identity:
        return None
    x, mean = node.operand(0), _mean(graph, node.operand(1))
    return (x, mean[1]) if mean is not None and mean[0] is x else None


def _is_variance(graph: Graph[Op], value: Value, x: Value, axes: tuple[int, ...]) -> bool:
    """Whether `value` is mean((x - mean(x))^2) over `axes`."""
    mean = _mean(graph, value)
    if mean is None or mean[1] != axes:
        return False
    square = graph.producer(mean[0])
    if square is None:
        return False
    power = isinstance(square.op, Unary) and square.op.function == "Pow" and dict(square.op.attributes)["exponent"] == 2
    product = isinstance(square.op, Mul) and square.op.clamp.is_identity
    return (power or product) and all(v is not None and _centred(graph, v) == (x, axes) for v in square.inputs)


def _replace(graph: Graph[Op], node: Node[Op], match: _Match) -> None:
    rank = len(match.x.shape)
    trailing = match.axes == tuple(range(rank - len(match.axes), rank))
    if not trailing and match.axes != (1,):
        return
    last, gamma, beta = _affine(graph, node, match.axes)
    build = Builder(graph, last.output.name)
    perm = (0, *range(2, rank), 1)
    x = match.x if trailing else build.value(Transpose(perm), [match.x])
    sizes = tuple(match.x.shape[a] for a in match.axes)
    inputs = [x, build.const(np.broadcast_to(gamma, sizes).copy()), build.const(np.broadcast_to(beta, sizes).copy())]
    y = build.value(LayerNorm(len(match.axes), match.epsilon), inputs)
    if not trailing:
        build.value(Transpose(tuple(perm.index(a) for a in range(rank))), [y])
    build.nodes[-1].outputs = [last.output]
    for new in build.nodes:
        new.name = node.name
    at = graph.nodes.index(last)
    graph.nodes[at : at + 1] = build.nodes


def _affine(graph: Graph[Op], node: Node[Op], axes: tuple[int, ...]) -> tuple[Node[Op], np.ndarray, np.ndarray]:
    """The last node of the normalisation, and what follows it per element of `axes` as gamma and beta."""
    gamma, beta = np.ones(1, dtype=np.float32), np.zeros(1, dtype=np.float32)
    readers = graph.consumer_map()
    for kind in (Mul, Add):
        after = only_reader(graph, node.output, readers)
        if after is None or not isinstance(after.op, kind) or not after.op.clamp.is_identity:
            continue
        constant = next((v.data for v in after.inputs if v is not None and v.data is not None), None)
        if constant is None or after.output.shape != node.output.shape:
            continue
        vector = _along(constant, node.output.shape, axes)
        if vector is None or (isinstance(after.op, Add) and after.op.sign != 1):
            continue
        node = after
        gamma, beta = (vector, beta) if isinstance(after.op, Mul) else (gamma, vector)
    return node, gamma, beta


def _along(constant: np.ndarray, shape: tuple[int, ...], axes: tuple[int, ...]) -> np.ndarray | None:
    """`constant` as an array over `axes` of `shape`; None when it varies along other ones."""
    wide = constant.reshape((1,) * (len(shape) - constant.ndim) + constant.shape)
    if any(n != 1 for a, n in enumerate(wide.shape) if a not in axes):
        return None
    return wide.reshape([wide.shape[a] for a in axes]).astype(np.float32)
