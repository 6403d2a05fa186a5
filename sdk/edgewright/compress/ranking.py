"""Chooses which groups of channels go: the least important of all, within bounds for every family."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from edgewright.compress.families import Family
from edgewright.compress.sizes import Amount, Sizes

#: Bounds of the share that a family loses, in units of the share that the model loses: a ranking by importance alone
#: empties one layer, or leaves alone just the early layers that cost most.
LEAST_SHARE, MOST_SHARE = 2 / 3, 2.0
#: No family ever loses more than this share.
LARGEST_SHARE = 0.9


def select_groups(scores: np.ndarray, found: Sequence[Family], amount: float, round_to: int) -> np.ndarray:
    """The groups to cut, bool [labels] by root, such that the share of channels cut comes near `amount`.

    scores: importance per root [labels], comparable between families. Every family is cut in steps that leave
    multiples of `round_to` channels, its least important groups first. Steps up to LEAST_SHARE go in any case, those
    behind MOST_SHARE never, nor the last one; what lies between goes in order of its mean importance.
    """
    removed, taken = np.zeros(len(scores), dtype=bool), 0
    offers: list[tuple[float, int, np.ndarray]] = []
    for family in found:
        least, most = LEAST_SHARE * amount, min(MOST_SHARE * amount, LARGEST_SHARE)
        count, end = len(family.groups), 0
        for part in list(_steps(scores, family, round_to))[:-1]:
            middle, end = end + len(part) / 2, end + len(part)
            channels = family.channels * len(part)
            if middle <= least * count:
                removed[part] = True
                taken += channels
            elif end <= most * count:
                offers.append((float(scores[part].mean()), channels, part))
    target = amount * sum(family.channels * len(family.groups) for family in found)
    for _, channels, part in sorted(offers, key=lambda offer: offer[0]):
        if taken + channels / 2 <= target:
            removed[part] = True
            taken += channels
    return removed


def select_by_scores(
    scores: np.ndarray, found: Sequence[Family], sizes: Sizes, amount: Amount, round_to: int
) -> np.ndarray:
    """The groups to cut by a ranking, bool [labels] by root: `select_groups` with the smallest amount that does."""
    if amount.kind == "channels":
        return select_groups(scores, found, amount.value, round_to)
    low, high = 0.0, 1.0
    best = select_groups(scores, found, high, round_to)
    while high - low > 1e-3:
        middle = (low + high) / 2
        removed = select_groups(scores, found, middle, round_to)
        if amount.reached(sizes, removed):
            best, high = removed, middle
        else:
            low = middle
    return best


def _steps(scores: np.ndarray, family: Family, round_to: int) -> Iterator[np.ndarray]:
    """The groups of a family from the least important on, cut into steps; the first one leaves a multiple."""
    order = family.groups[np.argsort(scores[family.groups], kind="stable")]
    step = family.step(round_to)
    first = len(order) % step or step
    yield order[:first]
    for start in range(first, len(order), step):
        yield order[start : start + step]
