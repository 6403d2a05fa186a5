"""Offsets of buffers in one arena: a pure function of sizes and lifetimes.

    place largest first, each at the lowest offset that no placed neighbour forbids
    repeat with other orders (buffers at the peak move forward, deterministic pseudo-random swaps)
    until the peak equals the lower bound or the tries are used up

Source of the idea: the hill-climb allocation of Arm's Vela; written from its description.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

ALIGN = 8
TRIES = 400


@dataclass(frozen=True)
class Buffer:
    """Memory needed from step `first` to step `last`, both included; sizes in bytes."""

    size: int
    first: int
    last: int


@dataclass(frozen=True)
class Overlaps:
    """Pairs (output, input) of buffer indices that may overlap: output offset + distance <= input offset."""

    distance: Mapping[tuple[int, int], int] = field(default_factory=dict)


def lower_bound(buffers: Sequence[Buffer], overlaps: Overlaps | None = None) -> int:
    """No arena can be smaller: the most bytes alive in any one step."""
    steps = {b.first for b in buffers} | {b.last for b in buffers}
    return max((live_bytes(step, buffers, overlaps) for step in steps), default=0)


def live_bytes(step: int, buffers: Sequence[Buffer], overlaps: Overlaps | None = None) -> int:
    """Bytes alive in a step, an output and the input that it may overlap counted together."""
    alive = {i for i, b in enumerate(buffers) if b.first <= step <= b.last}
    savings = [
        aligned(buffers[y].size) + aligned(buffers[x].size) - aligned(max(buffers[y].size, d + buffers[x].size))
        for (y, x), d in (overlaps or Overlaps()).distance.items()
        if y in alive and x in alive
    ]
    return sum(aligned(buffers[i].size) for i in alive) - sum(saved for saved in savings if saved > 0)


def assign_offsets(buffers: Sequence[Buffer], overlaps: Overlaps | None = None) -> tuple[list[int], int]:
    """Offset of each buffer, multiples of `ALIGN`, and the bytes of arena they need."""
    overlaps = overlaps or Overlaps()
    if not buffers:
        return [], 0
    conflicts = [
        [j for j, other in enumerate(buffers) if j != i and other.first <= b.last and b.first <= other.last]
        for i, b in enumerate(buffers)
    ]
    bound = lower_bound(buffers, overlaps)
    rng = random.Random(1)
    best_offsets: list[int] = []
    best_order: list[int] = []
    best_peak = -1
    starts = _starting_orders(buffers)
    for attempt in range(TRIES):
        if 0 <= best_peak <= bound:
            break
        if attempt < len(starts):
            trial = starts[attempt]
        else:
            trial = _mutated(best_order, best_offsets, buffers, best_peak, rng)
        offsets, peak = _place(trial, buffers, conflicts, overlaps)
        if best_peak < 0 or peak <= best_peak:
            best_offsets, best_peak, best_order = offsets, peak, trial
    return best_offsets, best_peak


def _starting_orders(buffers: Sequence[Buffer]) -> list[list[int]]:
    """Orders that are tried before random changes: by size, by time forwards and backwards, by length of life.

    Backwards suits overlapping chains, whose later buffers lie lower.
    """
    keys: tuple[Callable[[Buffer], tuple[int, ...]], ...] = (
        lambda b: (-b.size, b.first),
        lambda b: (-b.size, -b.first),
        lambda b: (-b.first, -b.size),
        lambda b: (b.first, -b.size),
        lambda b: (b.first - b.last, -b.size),
        lambda b: (b.first - b.last, -b.first),
    )
    return [sorted(range(len(buffers)), key=lambda i: (*key(buffers[i]), i)) for key in keys]


def aligned(size: int) -> int:
    """`size` rounded up to `ALIGN`."""
    return -(-size // ALIGN) * ALIGN


def _mutated(
    order: Sequence[int], offsets: Sequence[int], buffers: Sequence[Buffer], peak: int, rng: random.Random
) -> list[int]:
    """Another order: a buffer that reaches the peak goes earlier, and two random ones change places."""
    trial = list(order)
    tops = [i for i in order if offsets[i] + aligned(buffers[i].size) >= peak]
    moved = rng.choice(tops)
    trial.remove(moved)
    trial.insert(rng.randrange(0, max(1, list(order).index(moved) + 1)), moved)
    a, b = rng.randrange(len(trial)), rng.randrange(len(trial))
    trial[a], trial[b] = trial[b], trial[a]
    return trial


def _place(
    order: Sequence[int], buffers: Sequence[Buffer], conflicts: Sequence[Sequence[int]], overlaps: Overlaps
) -> tuple[list[int], int]:
    offsets = [-1] * len(buffers)
    peak = 0
    for i in order:
        placed = [j for j in conflicts[i] if offsets[j] >= 0]
        offsets[i] = _lowest(i, placed, offsets, buffers, overlaps)
        peak = max(peak, offsets[i] + aligned(buffers[i].size))
    return offsets, peak


def _lowest(
    i: int, placed: Sequence[int], offsets: Sequence[int], buffers: Sequence[Buffer], overlaps: Overlaps
) -> int:
    """The lowest offset for buffer i that suits every placed neighbour."""
    pairs = overlaps.distance
    candidates = {0}
    for j in placed:
        candidates.add(offsets[j] + aligned(buffers[j].size))
        if (i, j) in pairs:
            candidates.add((offsets[j] - pairs[i, j]) // ALIGN * ALIGN)
        if (j, i) in pairs:
            candidates.add(aligned(offsets[j] + pairs[j, i]))
    for offset in sorted(c for c in candidates if c >= 0):
        if all(_compatible(i, offset, j, offsets[j], buffers, pairs) for j in placed):
            return offset
    raise AssertionError("the offset behind every neighbour always fits")


def _compatible(
    i: int, offset: int, j: int, other: int, buffers: Sequence[Buffer], pairs: Mapping[tuple[int, int], int]
) -> bool:
    if offset + aligned(buffers[i].size) <= other or other + aligned(buffers[j].size) <= offset:
        return True
    if (i, j) in pairs:
        return offset + pairs[i, j] <= other
    return (j, i) in pairs and other + pairs[j, i] <= offset
