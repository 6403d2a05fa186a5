"""Pruning: the least important channels, or single weights, of a float graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgewright.compress.activations import Sample
from edgewright.compress.gates import MOST_SAMPLES
from edgewright.compress.magnitude import zero_smallest_weights
from edgewright.compress.masks import check_cut, mask_channels
from edgewright.compress.refit import Kept, Progress, refit
from edgewright.compress.report import PruneReport, compare, layer_costs
from edgewright.compress.selection import BY_DATA, BY_WEIGHTS, Selection
from edgewright.compress.sizes import Amount
from edgewright.compress.twins import fold_twins, twin_groups
from edgewright.errors import UsageError
from edgewright.ir import Graph
from edgewright.ir.clone import clone
from edgewright.ops import Op
from edgewright.passes.channel_cut import cut_channels
from edgewright.passes.channel_rules import trace_channels
from edgewright.passes.remove_dead_channels import remove_dead_channels

#: Methods whose result a refit would undo.
UNFITTED = ("lossless", "magnitude")
METHODS = (*BY_DATA, *BY_WEIGHTS, *UNFITTED)


@dataclass(frozen=True, eq=False)
class PruneResult:
    """graph: the pruned graph. masked: the graph before the cut with the same channels masked; equal before a refit."""

    graph: Graph[Op]
    masked: Graph[Op]
    report: PruneReport


class Pruner:
    """Prunes one graph by one method, as often as asked.

    graph: float, in ONNX semantics (NCHW), without scales; it stays as it is. method: one of METHODS; None for "obs"
    where there are samples, else "l1". round_to: layers keep multiples of this many channels where they can. samples:
    unlabelled; for what methods measure, and to refit.

    Raises:
        UsageError: an argument is out of range, the method needs samples, or the graph has scales.
    """

    def __init__(
        self,
        graph: Graph[Op],
        method: str | None = None,
        *,
        round_to: int = 4,
        samples: Sequence[Sample] | None = None,
    ) -> None:
        self.method = method or ("obs" if samples else "l1")
        self.samples = list(samples or [])
        _check(graph, self.method, round_to, self.samples)
        self._before = layer_costs(graph)
        self.base = clone(graph)
        self._dead = 0 if self.method == "magnitude" else remove_dead_channels(self.base)
        self.selection = Selection(self.base, self.method, round_to, self.samples)

    def prune(
        self, amount: Amount | None, refitting: bool | None = None, progress: Progress | None = None
    ) -> PruneResult:
        """A smaller graph. amount: None for "lossless". refitting: None for "when there are samples".

        Raises:
            UsageError: as `Selection.select`; refitting is asked for without samples; there is no amount.
            MismatchError: the cut graph does not compute what the masked one does.
        """
        if refitting and not self.samples:
            raise UsageError("--refit: fits layers to data and there is none; give --calib")
        if refitting and self.method in UNFITTED:
            raise UsageError(f"--refit: would fill what --method {self.method} leaves; give one of them")
        if self.method == "lossless":
            return self._lossless(amount)
        if amount is None:
            raise UsageError("prune: how much? give --amount, --target-macs, --target-bytes or --max-drop")
        if self.method == "magnitude":
            return self._magnitude(amount)
        fits = bool(self.samples) if refitting is None else refitting
        return self.cut(self.selection.select(amount), str(amount), fits, progress)

    def cut(
        self, removed: np.ndarray, asked: str, refitting: bool = False, progress: Progress | None = None
    ) -> PruneResult:
        """The graph without the groups of `removed`, bool [labels] by root. asked: what the report says was asked."""
        pruned, masked = clone(self.base), clone(self.base)
        mask_channels(trace_channels(masked), removed)
        trace = trace_channels(pruned)
        kept = {v: Kept(c.axis, ~removed[trace.roots(c.labels)]) for v, c in trace.channels.items()}
        cut_channels(trace, removed)
        difference = check_cut(pruned, masked, self._few_samples())
        fitted = refit(self.base, pruned, kept, self.samples, progress) if refitting else 0
        return PruneResult(pruned, masked, self._report(pruned, asked, self._share(removed), difference, fitted))

    def _lossless(self, amount: Amount | None) -> PruneResult:
        """Without channels that equal others; dead ones are gone already."""
        if amount is not None:
            raise UsageError(f"{amount}: --method lossless takes all that can go without loss; leave it out")
        pruned = clone(self.base)
        trace = trace_channels(pruned)
        twins = twin_groups(trace, self.selection.families)
        fold_twins(trace, twins)
        removed = np.zeros(trace.size, dtype=bool)
        removed[list(twins)] = True
        cut_channels(trace, removed)
        difference = check_cut(pruned, self.base, self._few_samples())
        return PruneResult(pruned, self.base, self._report(pruned, "lossless", self._share(removed), difference))

    def _magnitude(self, amount: Amount) -> PruneResult:
        if amount.kind != "channels":
            raise UsageError(f"{amount}: --method magnitude leaves the size as it is; give --amount")
        pruned = clone(self.base)
        share = zero_smallest_weights(pruned, amount.value)
        return PruneResult(pruned, pruned, self._report(pruned, str(amount), share))

    def _share(self, removed: np.ndarray) -> float:
        return self.selection.sizes.removed_share(removed)

    def _report(
        self, pruned: Graph[Op], asked: str, achieved: float, difference: float = 0.0, fitted: int = 0
    ) -> PruneReport:
        layers, round_to = compare(self._before, layer_costs(pruned)), self.selection.round_to
        return PruneReport(self.method, asked, achieved, round_to, self._dead, difference, fitted, layers)

    def _few_samples(self) -> list[Sample]:
        if self.samples:
            return self.samples[:MOST_SAMPLES]
        rng = np.random.default_rng(0)
        return [[rng.uniform(-1, 1, value.shape).astype(np.float32) for value in self.base.inputs]]


def prune(
    graph: Graph[Op],
    amount: Amount | None,
    method: str | None = None,
    *,
    round_to: int = 4,
    samples: Sequence[Sample] | None = None,
    refitting: bool | None = None,
) -> PruneResult:
    """One graph pruned once: see `Pruner`. Inputs and outputs keep their shapes."""
    return Pruner(graph, method, round_to=round_to, samples=samples).prune(amount, refitting)


def _check(graph: Graph[Op], method: str, round_to: int, samples: Sequence[Sample]) -> None:
    if method not in METHODS:
        raise UsageError(f"--method {method}: must be one of {', '.join(METHODS)}")
    if round_to < 1:
        raise UsageError(f"--round-to {round_to}: must be 1 or more")
    if method in BY_DATA and not samples:
        raise UsageError(f"--method {method}: measures on data and there is none; give --calib")
    if any(value.quant is not None for value in graph.values()):
        raise UsageError(f"{graph.name}: is quantized already; prune the float model and quantize what comes out")
