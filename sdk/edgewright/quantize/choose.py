"""Gives every activation its scale: from observers, by the rule of the operation that makes it."""

from __future__ import annotations

from collections.abc import Mapping

from edgewright.errors import UsageError
from edgewright.ir import Graph, Node, Quant, Value
from edgewright.ops import Op
from edgewright.ops.base import ScaleRule
from edgewright.quantize.implied import add_implied_scales
from edgewright.quantize.observe import Observer
from edgewright.quantize.ranges import RANGES, quant_for_range


def annotate(graph: Graph[Op], observers: Mapping[Value, Observer] | None, method: str = "minmax") -> None:
    """Set `quant` on every activation of a float graph; what the model already says is kept.

    observers: None for a model that arrived quantized throughout.

    Raises:
        UsageError: no such method, or values need calibration and there is none (the message counts them).
    """
    if method not in RANGES:
        raise UsageError(f"calibration method '{method}': none of {', '.join(RANGES)}")
    if observers is None:
        add_implied_scales(graph)
    missing: list[str] = []

    def decide(value: Value) -> None:
        if value.quant is None:
            if observers is None or value not in observers:
                missing.append(value.name)
                value.quant = Quant(1.0, 0)
            else:
                value.quant = quant_for_range(*RANGES[method](observers[value]))

    for group in shared_groups(graph):
        _share(group, observers, method)
    for value in graph.inputs:
        decide(value)
    for node in graph.nodes:
        for out in node.outputs:
            if out.quant is not None:
                continue
            rule = node.op.scale_rule
            if rule == ScaleRule.FIXED:
                out.quant = Quant(*node.op.fixed_quant())
            elif rule == ScaleRule.SAME and not node.operand(0).is_const:
                out.quant = node.operand(0).quant
            else:
                decide(out)
    if missing:
        names = ", ".join(f"'{n}'" for n in missing[:3])
        raise UsageError(
            f"{len(missing)} activations have no scale of the model's own, and none follows from the others"
            f" ({names}{'...' if len(missing) > 3 else ''}); give calibration data with --calib"
        )


def has_scales(graph: Graph[Op]) -> bool:
    """Whether the model arrived quantized: some computed value has a scale before anything was annotated."""
    return any(value.quant is not None for node in graph.nodes for value in node.outputs)


def shared_groups(graph: Graph[Op]) -> list[set[Value]]:
    """Values that must have one scale: the operands and results of SHARED operations, through SAME ones."""
    groups: list[set[Value]] = []
    for node in graph.nodes:
        if node.op.scale_rule != ScaleRule.SHARED:
            continue
        members = {v for v in (*node.inputs, *node.outputs) if v is not None and not v.is_const}
        members = _through_same_scale(graph, members)
        for other in [g for g in groups if g & members]:
            groups.remove(other)
            members |= other
        groups.append(members)
    return groups


def _through_same_scale(graph: Graph[Op], members: set[Value]) -> set[Value]:
    producers = graph.producers()
    found, frontier = set(members), list(members)
    while frontier:
        node: Node[Op] | None = producers.get(frontier.pop())
        if node is None or node.op.scale_rule != ScaleRule.SAME:
            continue
        source = node.inputs[0]
        if source is not None and not source.is_const and source not in found:
            found.add(source)
            frontier.append(source)
    return found


def _share(group: set[Value], observers: Mapping[Value, Observer] | None, method: str) -> None:
    """One scale for the group, wide enough for every member; members with a scale of their own keep it."""
    open_members = [v for v in group if v.quant is None]
    if observers is None or any(v not in observers for v in open_members) or not open_members:
        return
    ranges = [RANGES[method](observers[v]) for v in open_members]
    quant = quant_for_range(min(low for low, _ in ranges), max(high for _, high in ranges))
    for value in open_members:
        value.quant = quant
