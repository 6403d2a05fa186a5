"""Which channels go: the methods, each under the field's name for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgewright.compress.activations import Sample
from edgewright.compress.brain_surgeon import Reader, Surgeon, layer_readers
from edgewright.compress.families import families
from edgewright.compress.gates import gate_scores
from edgewright.compress.norms import ORDERS, weight_scores
from edgewright.compress.ranking import select_by_scores
from edgewright.compress.sizes import Amount, NoStepError, Sizes
from edgewright.compress.statistics import data_scores
from edgewright.compress.surgeon_order import SurgeonOrder
from edgewright.errors import UsageError
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.passes.channel_rules import trace_channels

#: Methods that learn from data, and those that look at weights alone.
BY_DATA, BY_WEIGHTS = ("obs", "taylor", "activation", "bn"), (*ORDERS, "fpgm", "random")


class Selection:
    """Selects groups of channels of one graph by one method, for any amount; what it has to learn, it learns once.

    graph: stays as it is. method: one of BY_DATA, for which there must be samples, or BY_WEIGHTS. labels: how many the
    graph has. families, sizes: of the graph.
    """

    def __init__(self, graph: Graph[Op], method: str, round_to: int, samples: Sequence[Sample]) -> None:
        self._graph, self._method, self._samples = graph, method, samples
        self._trace = trace_channels(graph)
        self.round_to = round_to
        self.labels = self._trace.size
        self.families = families(self._trace)
        self.sizes = Sizes(self._trace, self.families)
        self._orders: dict[str, SurgeonOrder] = {}
        self._readers: list[Reader] | None = None
        self._scores: np.ndarray | None = None

    def full(self, unit: str) -> float:
        """The "macs" or "bytes" of the graph as it is."""
        return self.sizes.measure(np.zeros(self.labels, dtype=bool), unit)

    def select(self, amount: Amount) -> np.ndarray:
        """The groups to cut for a amount, bool [labels] by root.

        Raises:
            UsageError: no channel can be cut, or the amount is less than one step; OutOfReachError: more than can go.
        """
        where = self._graph.name
        if not self.families:
            raise UsageError(f"{where}: no channel can be cut; --method magnitude zeroes single weights")
        surgical = self._method == "obs"
        if surgical:
            removed = self._order(amount.saves).select(amount)
        else:
            removed = select_by_scores(self._ranking(), self.families, self.sizes, amount, self.round_to)
        if (surgical or amount.kind != "channels") and not amount.reached(self.sizes, removed):
            raise amount.unreachable(where, self.sizes, removed)
        if not removed.any():
            raise NoStepError(
                f"{where}: {amount} is less than a step of {self.round_to} channels in every layer; ask for more, or "
                "give a smaller --round-to"
            )
        return removed

    def select_in_family(self, index: int, count: int) -> np.ndarray:
        """The `count` groups of one family to cut when nothing else is, bool [labels] by root."""
        groups = self.families[index].groups
        if self._method == "obs":
            chosen, _ = self._surgeon().next(index, count)
        else:
            chosen = groups[np.argsort(self._ranking()[groups], kind="stable")[:count]].tolist()
        removed = np.zeros(self.labels, dtype=bool)
        removed[chosen] = True
        return removed

    def layers_of(self, index: int) -> tuple[str, ...]:
        """Names of the layers that write a family."""
        groups = self.families[index].groups
        writes = [w for w in self._trace.writes if np.isin(self._trace.roots(w.labels), groups).any()]
        return tuple(write.node.name or write.node.output.name for write in writes)

    def _surgeon(self) -> Surgeon:
        """A surgeon before its first cut."""
        if self._readers is None:
            self._readers = list(layer_readers(self._graph, self._samples))
        return Surgeon([reader.copy() for reader in self._readers], self.families)

    def _order(self, saves: str) -> SurgeonOrder:
        if saves not in self._orders:
            self._orders[saves] = SurgeonOrder(
                self._surgeon(), self.families, self.sizes, self.labels, self.round_to, saves
            )
        return self._orders[saves]

    def _ranking(self) -> np.ndarray:
        """Importance per root [labels]."""
        if self._scores is None:
            if self._method == "taylor":
                self._scores = gate_scores(self._graph, self.families, self._samples, self.labels)
            elif self._method == "random":
                self._scores = np.random.default_rng(0).random(self.labels)
            elif self._method in BY_DATA:
                self._scores = data_scores(self._trace, self.families, self._method, self._samples)
            else:
                self._scores = weight_scores(self._trace, self.families, self._method)
        return self._scores
