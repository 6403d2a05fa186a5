"""Offsets in the arena: nothing alive is overwritten, and the arena is as small as what is alive."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgewright.plan import arena
from edgewright.plan.arena import ALIGN, Buffer, Overlaps, aligned, assign_offsets, live_bytes, lower_bound

Pairs = dict[tuple[int, int], int]

CASES: list[tuple[str, list[tuple[int, int, int]], Pairs, int]] = [
    # why; (size, first, last) of each buffer; overlapping pairs; bytes of arena
    ("nothing", [], {}, 0),
    ("one buffer, rounded up to the alignment", [(13, 0, 3)], {}, 16),
    ("no bytes at all", [(0, 0, 1), (8, 0, 1)], {}, 8),
    ("a chain: two neighbours are alive at once", [(64, 0, 1), (32, 1, 2), (64, 2, 3), (16, 3, 4)], {}, 96),
    ("a chain that grows and shrinks", [(8, 0, 1), (80, 1, 2), (16, 2, 3), (80, 3, 4), (8, 4, 5)], {}, 96),
    ("a buffer that lives through, placed at one end", [(16, 0, 9), (64, 1, 3), (32, 3, 5), (64, 5, 9)], {}, 112),
    ("a residual branch over two layers", [(64, 0, 3), (32, 1, 2), (64, 2, 3), (64, 3, 4)], {}, 192),
    ("two branches that join", [(32, 0, 2), (64, 1, 4), (16, 2, 3), (48, 3, 4), (8, 4, 5)], {}, 128),
    ("scratch memory of one step", [(64, 0, 1), (64, 1, 2), (32, 1, 1), (96, 2, 2)], {}, 160),
    ("a gap must be found between two that live on", [(16, 0, 5), (32, 0, 1), (16, 0, 5), (32, 2, 5)], {}, 64),
    ("inputs and outputs that never meet", [(64, -1, 0), (64, 1, 2)], {}, 64),
    ("an output over the input that dies, at the same place", [(64, 0, 1), (64, 1, 2)], {(1, 0): 0}, 64),
    ("an output that starts 16 bytes before its input", [(64, 0, 1), (64, 1, 2)], {(1, 0): 16}, 80),
    ("a distance that is no multiple of the alignment", [(64, 0, 1), (64, 1, 2)], {(1, 0): 9}, 80),
    ("a smaller output over a larger input", [(64, 0, 1), (16, 1, 2)], {(1, 0): 0}, 64),
    ("a larger output under a smaller input", [(16, 0, 1), (64, 1, 2)], {(1, 0): 24}, 64),
    ("a distance beyond the output's end saves nothing", [(16, 0, 1), (16, 1, 2)], {(1, 0): 100}, 32),
    ("an overlap with scratch memory beside it", [(64, 0, 1), (64, 1, 2), (24, 1, 1)], {(1, 0): 0}, 88),
    ("a chain of overlaps slides down", [(64, 0, 1), (64, 1, 2), (64, 2, 3)], {(1, 0): 8, (2, 1): 8}, 80),
]


def placed(buffers: list[tuple[int, int, int]], pairs: Pairs) -> tuple[list[Buffer], Overlaps]:
    return [Buffer(*b) for b in buffers], Overlaps(pairs)


@pytest.mark.parametrize(("why", "sizes", "pairs", "wanted"), CASES, ids=[case[0] for case in CASES])
def test_arena_bytes(why: str, sizes: list[tuple[int, int, int]], pairs: Pairs, wanted: int) -> None:
    buffers, overlaps = placed(sizes, pairs)
    offsets, total = assign_offsets(buffers, overlaps)
    assert total == wanted
    assert clashes(buffers, offsets, overlaps) == []


def clashes(buffers: list[Buffer], offsets: list[int], overlaps: Overlaps) -> list[str]:
    """Pairs that are alive at once and share bytes they must not share, and offsets that are out of line."""
    found = [f"{i} at {offset}" for i, offset in enumerate(offsets) if offset < 0 or offset % ALIGN]
    for (i, a), (j, b) in itertools.permutations(enumerate(buffers), 2):
        together = a.first <= b.last and b.first <= a.last
        apart = offsets[i] + a.size <= offsets[j] or offsets[j] + b.size <= offsets[i]
        allowed = (i, j) in overlaps.distance and offsets[i] + overlaps.distance[i, j] <= offsets[j]
        allowed |= (j, i) in overlaps.distance and offsets[j] + overlaps.distance[j, i] <= offsets[i]
        if together and not apart and not allowed:
            found.append(f"{i} and {j}")
    return found


@pytest.mark.parametrize(
    ("offsets", "found"),
    [([0, 64], []), ([0, 56], ["0 and 1", "1 and 0"]), ([0, 65], ["1 at 65"]), ([-8, 64], ["0 at -8"])],
)
def test_the_check_itself(offsets: list[int], found: list[str]) -> None:
    assert clashes([Buffer(64, 0, 1), Buffer(64, 1, 2)], offsets, Overlaps()) == found


@st.composite
def layouts(draw: st.DrawFn, most: int = 14) -> tuple[list[Buffer], Overlaps]:
    """Buffers as a graph makes them: each born in a step, read until another; outputs that may overlap inputs."""
    count = draw(st.integers(1, most))
    buffers: list[Buffer] = []
    pairs: Pairs = {}
    for step in range(count):
        last = step + draw(st.sampled_from([0, 1, 1, 1, 2, 5]))
        buffers.append(Buffer(draw(st.integers(0, 100)) * draw(st.sampled_from([1, 8])), step, last))
        dying = [i for i, b in enumerate(buffers[:-1]) if b.last == step]
        if dying != [] and draw(st.booleans()):
            pairs[step, draw(st.sampled_from(dying))] = draw(st.integers(0, 120))
    return buffers, Overlaps(pairs)


@settings(max_examples=200, deadline=None)
@given(layouts())
def test_nothing_alive_is_overwritten(layout: tuple[list[Buffer], Overlaps]) -> None:
    buffers, overlaps = layout
    offsets, total = assign_offsets(buffers, overlaps)
    assert clashes(buffers, offsets, overlaps) == []
    assert total == max(o + aligned(b.size) for o, b in zip(offsets, buffers, strict=True))
    assert lower_bound(buffers, overlaps) <= total <= sum(aligned(b.size) for b in buffers)
    assert assign_offsets(buffers, overlaps) == (offsets, total), "the same input, the same bytes"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(layouts(most=6))
def test_no_order_of_placement_is_much_better(layout: tuple[list[Buffer], Overlaps]) -> None:
    buffers, overlaps = layout
    conflicts = [
        [j for j, b in enumerate(buffers) if j != i and b.first <= a.last and a.first <= b.last]
        for i, a in enumerate(buffers)
    ]
    orders = itertools.permutations(range(len(buffers)))
    best = min(arena._place(order, buffers, conflicts, overlaps)[1] for order in orders)
    assert assign_offsets(buffers, overlaps)[1] <= 1.05 * best


@settings(max_examples=60, deadline=None, derandomize=True)
@given(layouts(most=25))
def test_without_overlaps_the_arena_is_near_what_is_alive(layout: tuple[list[Buffer], Overlaps]) -> None:
    buffers, _ = layout
    assert assign_offsets(buffers)[1] <= 1.05 * lower_bound(buffers)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(layouts())
def test_overlaps_never_make_the_arena_larger(layout: tuple[list[Buffer], Overlaps]) -> None:
    buffers, overlaps = layout
    assert lower_bound(buffers, overlaps) <= lower_bound(buffers)
    assert assign_offsets(buffers, overlaps)[1] <= assign_offsets(buffers)[1]


def test_live_bytes_counts_an_overlapping_pair_once() -> None:
    buffers = [Buffer(64, 0, 1), Buffer(32, 1, 2), Buffer(8, 0, 2)]
    assert [live_bytes(step, buffers) for step in range(4)] == [72, 104, 40, 0]
    assert live_bytes(1, buffers, Overlaps({(1, 0): 16})) == 88
