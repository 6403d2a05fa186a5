"""Recognises values that are another value with its axes in another order."""

from __future__ import annotations

from dataclasses import dataclass

from edgewright.ir import Graph, Value
from edgewright.ir.builder import Builder
from edgewright.ops import Op
from edgewright.ops.reshape import Reshape
from edgewright.ops.transpose import Transpose


@dataclass(frozen=True, eq=False)
class Turn:
    """A value that is Transpose(Reshape(source, shape), perm), with a reshape that only adds or drops sizes of 1."""

    source: Value
    shape: tuple[int, ...]
    perm: tuple[int, ...]

    def source_of(self, build: Builder) -> Value:
        """The value before the transpose."""
        if self.source.shape == self.shape:
            return self.source
        reshaped = build.value(Reshape(self.shape), [self.source])
        reshaped.quant = self.source.quant
        return reshaped


def turn_before(graph: Graph[Op], value: Value) -> Turn | None:
    """How `value` comes from a transpose, seen through one reshape; None when it does not.

    Values between that have a scale of their own end the search.
    """
    node = graph.producer(value)
    if node is None or node.operand(0).quant != value.quant:
        return None
    if isinstance(node.op, Transpose):
        return Turn(node.operand(0), node.operand(0).shape, node.op.perm)
    if not isinstance(node.op, Reshape):
        return None
    middle = node.operand(0)
    before = graph.producer(middle)
    if before is None or not isinstance(before.op, Transpose) or before.operand(0).quant != middle.quant:
        return None
    wide_here = [a for a, n in enumerate(value.shape) if n != 1]
    wide_there = [a for a, n in enumerate(middle.shape) if n != 1]
    if [value.shape[a] for a in wide_here] != [middle.shape[a] for a in wide_there]:
        return None
    source = before.operand(0)
    # Source axis before.op.perm[k] is axis k of the middle: the wide axes here, in the order that the source has.
    there = dict(zip(wide_here, wide_there, strict=True))
    perm_there = before.op.perm
    order = iter(sorted(wide_here, key=lambda a: perm_there[there[a]]))
    inverse = [a if n == 1 else next(order) for a, n in enumerate(value.shape)]
    perm = tuple(inverse.index(a) for a in range(len(inverse)))
    return Turn(source, tuple(value.shape[a] for a in inverse), perm)
