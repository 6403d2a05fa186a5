"""Finds normalisations that an exporter wrote out as primitive nodes: layer and root-mean-square normalisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.ir import Graph, Node, Value
from edgewright.ir.builder import Builder
from edgewright.ops import Op
from edgewright.ops.add import Add
from edgewright.ops.concat import Concat
from edgewright.ops.elementwise import Binary
from edgewright.ops.layer_norm import LayerNorm
from edgewright.ops.mul import Mul
from edgewright.ops.reduce import Reduce
from edgewright.ops.slice import Slice
from edgewright.ops.transpose import Transpose
from edgewright.ops.unary import Unary
from edgewright.passes.base import only_reader

#: Mean squares at which the function of the mean square is held against a reciprocal root, and how near it must be.
PROBES, TOLERANCE = np.array([1e-3, 1e-2, 0.1, 10.0, 100.0, 1000.0]), 1e-3

#: A reciprocal root is written with fewer nodes than this, of one operand each.
MAX_FUNCTIONS = 16


def recognise_layer_norm(graph: Graph[Op]) -> int:
    """d / sqrt(a * mean(d^2) + b), then * gamma and + beta where given: one LayerNorm.

    d is x - mean(x), or x alone (root-mean-square normalisation): then [x, -x] is normalised, whose mean is 0 and whose
    variance is mean(x^2), and the first half taken. However the root, the reciprocal and the factors are written, what
    counts is the function that they compute. The mean runs over trailing axes, or over the channels of an image, which
    are turned to the end then.
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
    """y = gain * d / sqrt(mean(d^2) + epsilon), d = x - mean(x) when `centred`, else x."""

    x: Value
    axes: tuple[int, ...]
    epsilon: float
    gain: float
    centred: bool


def _match(graph: Graph[Op], node: Node[Op]) -> _Match | None:
    """What `node` normalises, when it is the product of a deviation and the reciprocal of its root mean square."""
    if (
        not isinstance(node.op, Mul)
        or not node.op.clamp.is_identity
        or any(v is None or v.is_const for v in node.inputs)
    ):
        return None
    for index in (0, 1):
        deviation, inverse = node.operand(index), node.operand(1 - index)
        chain = _scalar_functions(graph, inverse)
        reduced = graph.producer(chain[0].operand(_dynamic(chain[0]))) if chain else None
        if reduced is None or not isinstance(reduced.op, Reduce) or not reduced.op.clamp.is_identity:
            continue
        squared = _squared(graph, reduced.operand(0))
        found = _centred(graph, deviation)
        x, axes = found or (deviation, reduced.op.axes)
        fits = squared is deviation or (found is not None and squared is not None and _centred(graph, squared) == found)
        if not fits or reduced.op.axes != axes or reduced.op.function not in ("mean", "sum"):
            continue
        if found is None and any(v.quant is not None for n in (*chain, reduced) for v in (x, *n.outputs)):
            continue  # the model's own scales say what is rounded where
        count = int(np.prod([x.shape[a] for a in axes])) if reduced.op.function == "sum" else 1
        root = _reciprocal_root(chain, count)
        if root is not None:
            return _Match(x, axes, *root, centred=found is not None)
    return None


def _dynamic(node: Node[Op]) -> int:
    """The position of the only operand that is computed."""
    return next(k for k, v in enumerate(node.inputs) if v is not None and not v.is_const)


def _scalar_functions(graph: Graph[Op], value: Value) -> list[Node[Op]]:
    """The nodes that make `value` element by element of one other value and single constants, first to last."""
    chain: list[Node[Op]] = []
    while len(chain) < MAX_FUNCTIONS:
        node = None if value.is_const else graph.producer(value)
        constants = [v for v in node.inputs if v is not None and v.is_const] if node is not None else []
        scalar = node is not None and all(v.size == 1 for v in constants) and len(node.inputs) - len(constants) == 1
        if node is None or not scalar or not isinstance(node.op, Unary | Binary):
            return chain[::-1]
        chain.append(node)
        value = node.operand(_dynamic(node))
    return []


def _reciprocal_root(chain: list[Node[Op]], count: int) -> tuple[float, float] | None:
    """(epsilon, gain) when `chain` maps s to gain / sqrt(s / count + epsilon); None when it does not."""

    def inverse_square(mean: np.ndarray) -> np.ndarray:
        value = (mean * count).astype(np.float32)
        for node in chain:
            operands = [
                value if v is not None and not v.is_const else (None if v is None else v.data) for v in node.inputs
            ]
            value = node.op.evaluate(*operands)[0].reshape(mean.shape)
        return 1 / value.astype(np.float64) ** 2

    with np.errstate(all="ignore"):
        at_0, at_1 = inverse_square(np.array([0.0, 1.0]))
        slope = at_1 - at_0
        probed = inverse_square(PROBES)
        wanted = slope * PROBES + at_0
    if not (slope > 0 and at_0 >= 0 and np.all(np.abs(probed - wanted) <= TOLERANCE * wanted)):
        return None
    slope = 1.0 if abs(slope - 1) < 1e-5 else slope
    epsilon = at_0 / slope
    written = [float(v.data.reshape(())) for node in chain for v in node.inputs if v is not None and v.data is not None]
    epsilon = next((number for number in written if abs(number - epsilon) <= 1e-4 * epsilon), epsilon)
    return float(epsilon), float(slope**-0.5)


def _squared(graph: Graph[Op], value: Value) -> Value | None:
    """x when `value` is x^2."""
    node = None if value.is_const else graph.producer(value)
    if node is None:
        return None
    power = isinstance(node.op, Unary) and node.op.function == "Pow" and dict(node.op.attributes)["exponent"] == 2
    product = isinstance(node.op, Mul) and node.op.clamp.is_identity and node.inputs[0] is node.inputs[1]
    return node.operand(0) if power or product else None


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
    gamma, beta = (np.broadcast_to(v, sizes).astype(np.float32) for v in (gamma * match.gain, beta))
    norm, whole = LayerNorm(len(sizes), match.epsilon), x.shape
    if not match.centred:
        axis = rank - len(sizes)
        x = build.value(Concat(axis), [x, build.value(Unary("Neg"), [x])])
        gamma, beta = np.concatenate([gamma, gamma]), np.concatenate([beta, beta])
    y = build.value(norm, [x, build.const(gamma.copy()), build.const(beta.copy())])
    if not match.centred:
        y = build.value(Slice.of([range(n) for n in whole]), [y])
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
