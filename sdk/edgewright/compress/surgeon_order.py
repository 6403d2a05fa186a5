"""Chooses which groups of channels go, step by step, where a step costs least for what it saves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from edgewright.compress.brain_surgeon import Surgeon
from edgewright.compress.families import Family
from edgewright.compress.sizes import Amount, Sizes

#: Every family keeps at least this share of its groups, and one step; the second share only when all are at the first.
FLOOR_SHARES = (0.25, 0.1)


class SurgeonOrder:
    """One order of steps by optimal brain surgeon, of which every amount takes as many as it needs."""

    def __init__(
        self, surgeon: Surgeon, found: Sequence[Family], sizes: Sizes, size: int, round_to: int, saves: str
    ) -> None:
        self._surgeon, self._families, self._sizes, self._size = surgeon, found, sizes, size
        self._round_to, self._saves = round_to, saves
        self._known: list[list[int]] = []
        self._more = self._steps()

    def select(self, amount: Amount) -> np.ndarray:
        """The groups to cut, bool [labels] by root; all that may go when the amount is out of reach."""
        removed = np.zeros(self._size, dtype=bool)
        taken = 0
        while not amount.reached(self._sizes, removed):
            if taken == len(self._known):
                step = next(self._more, None)
                if step is None:
                    break
                self._known.append(step)
            removed[self._known[taken]] = True
            taken += 1
        return removed

    def _steps(self) -> Iterator[list[int]]:
        """Steps of all families, always the one with the least cost for what it saves."""
        removed = np.zeros(self._size, dtype=bool)
        for floor in FLOOR_SHARES:
            offers: dict[int, tuple[list[int], float]] = {}
            stale = list(range(len(self._families)))
            while True:
                for index in stale:
                    offers.pop(index, None)
                    count = self._next_count(index, removed, floor)
                    if count:
                        offers[index] = self._surgeon.next(index, count)
                if not offers:
                    break
                best = min(offers, key=lambda k: offers[k][1] / self._saved(removed, offers[k][0]))
                groups = offers[best][0]
                removed[groups] = True
                yield groups
                stale = self._surgeon.take(best, groups)

    def _next_count(self, index: int, removed: np.ndarray, floor: float) -> int:
        """Groups of the next step of a family, which leaves a multiple of the step; 0 at its floor."""
        family = self._families[index]
        count, step = len(family.groups), family.step(self._round_to)
        kept = count - int(removed[family.groups].sum())
        size = kept % step or step
        return size if kept - size >= max(step, floor * count) else 0

    def _saved(self, removed: np.ndarray, groups: list[int]) -> float:
        after = removed.copy()
        after[groups] = True
        return max(self._sizes.measure(removed, self._saves) - self._sizes.measure(after, self._saves), 1.0)
