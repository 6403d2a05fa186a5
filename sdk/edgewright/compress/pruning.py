"""Pruning: the least important channels, or single weights, of a float graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from edgewright.compress.families import families
from edgewright.compress.gates import MOST_SAMPLES, gate_scores
from edgewright.compress.magnitude import zero_smallest_weights
from edgewright.compress.masks import Sample, check_parity, mask_channels
from edgewright.compress.norms import ORDERS, norm_scores
from edgewright.compress.report import PruneReport, compare, layer_costs
from edgewright.compress.select import select_groups
from edgewright.errors import UsageError
from edgewright.ir import Graph
from edgewright.ir.clone import clone
from edgewright.ops import Op
from edgewright.passes.channel_cut import cut_channels
from edgewright.passes.channel_rules import trace_channels
from edgewright.passes.remove_dead_channels import remove_dead_channels

METHODS = (*ORDERS, "taylor", "magnitude")


@dataclass(frozen=True, eq=False)
class PruneResult:
    """graph: the pruned graph. masked: the graph before the cut with the same channels masked, its equal."""

    graph: Graph[Op]
    masked: Graph[Op]
    report: PruneReport


def prune(
    graph: Graph[Op], amount: float, method: str = "l1", *, round_to: int = 4, samples: Sequence[Sample] | None = None
) -> PruneResult:
    """A smaller graph; the one given stays as it is. Inputs and outputs keep their shapes.

    graph: float, in ONNX semantics (NCHW), without scales. amount: share to remove, 0 < amount < 1: of the channels
    that can be cut at all (l1, l2, taylor; dead ones go before and are not counted), or of the weights (magnitude).
    round_to: layers keep multiples of this many channels where they can. samples: for taylor, and for the parity check.

    Raises:
        UsageError: an argument is out of range, taylor has no samples, the graph has scales, or no channel can be cut.
        MismatchError: the pruned graph does not compute what the masked one does.
    """
    _check(graph, amount, method, round_to, samples)
    before = layer_costs(graph)
    pruned = clone(graph)
    dead = 0
    if method == "magnitude":
        achieved = zero_smallest_weights(pruned, amount)
        masked, parity = pruned, 0.0
    else:
        dead = remove_dead_channels(pruned)
        masked = clone(pruned)
        achieved = _cut(pruned, masked, amount, method, round_to, samples)
        parity = check_parity(pruned, masked, list(islice(samples or _random_samples(graph), MOST_SAMPLES)))
    layers = compare(before, layer_costs(pruned))
    return PruneResult(pruned, masked, PruneReport(method, amount, achieved, round_to, dead, parity, layers))


def _cut(
    pruned: Graph[Op], masked: Graph[Op], amount: float, method: str, round_to: int, samples: Sequence[Sample] | None
) -> float:
    """Cut one of two equal graphs and mask the other; the share of channels that went."""
    trace = trace_channels(pruned)
    found = families(trace)
    total = sum(family.channels * len(family.groups) for family in found)
    if not total:
        raise UsageError(f"{pruned.name}: no channel can be cut; --method magnitude zeroes single weights")
    if method == "taylor":
        scores = gate_scores(pruned, found, samples or [], trace.size)
    else:
        scores = norm_scores(trace, found, ORDERS[method])
    removed = select_groups(scores, found, amount, round_to)
    if not removed.any():
        raise UsageError(
            f"{pruned.name}: --amount {amount:g} is less than a step of {round_to} channels in every layer; give a "
            "larger amount or a smaller --round-to"
        )
    mask_channels(trace_channels(masked), removed)
    cut_channels(trace, removed)
    return sum(family.channels * int(removed[family.groups].sum()) for family in found) / total


def _check(graph: Graph[Op], amount: float, method: str, round_to: int, samples: Sequence[Sample] | None) -> None:
    if method not in METHODS:
        raise UsageError(f"--method {method}: must be one of {', '.join(METHODS)}")
    if not 0.0 < amount < 1.0:
        raise UsageError(f"--amount {amount:g}: must be between 0 and 1")
    if round_to < 1:
        raise UsageError(f"--round-to {round_to}: must be 1 or more")
    if method == "taylor" and not samples:
        raise UsageError("--method taylor: measures on data and there is none; give --calib")
    if any(value.quant is not None for value in graph.values()):
        raise UsageError(f"{graph.name}: is quantized already; prune the float model and quantize what comes out")


def _random_samples(graph: Graph[Op]) -> list[Sample]:
    rng = np.random.default_rng(0)
    return [[rng.uniform(-1, 1, value.shape).astype(np.float32) for value in graph.inputs]]
