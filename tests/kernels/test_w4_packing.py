"""4-bit weights: what is packed comes back, bounds are those of the arithmetic, and shifts go where they can."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgewright.contracts.conv import ConvS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels import all_kernels, candidates
from edgewright.kernels.c.w4 import byte_pairs
from edgewright.kernels.dsp.packing import k_pairs
from edgewright.kernels.dsp.w4 import LIMITS, quad_records, quad_refusal, quads_of
from edgewright.kernels.mve.w4 import packed_w4
from edgewright.kernels.nibbles import HALFWORDS, VECTORS, WORDS, Layout, narrow, narrowed, refusal_of_w4, unshifted
from edgewright.kernels.thumb1.w4 import RUN_LIMIT, block_words, run_words, runs_within
from tests.harness.conv_cases import conv, fully_connected
from tests.harness.w4_cases import w4

LAYOUTS = {"words": WORDS, "vectors": VECTORS, "halfwords": HALFWORDS}


def widened(stream: np.ndarray, layout: Layout, scale: int) -> np.ndarray:
    """The words of a packed stream, as the functions of `ew_widen_w4.h` give them."""
    out: list[np.ndarray] = []
    at = 0
    while True:
        raw, spans, times = (int(v) for v in stream[at : at + 3])
        at += 3
        if not times:
            assert at == len(stream)
            return np.concatenate([np.zeros(0, "<u4"), *out])
        for _ in range(times):
            out.append(stream[at : at + raw])
            at += raw
            for _ in range(spans):
                lanes = stream[at : at + layout.vector].view(layout.lane).astype(np.int64)
                for part in range(layout.parts):
                    nibbles = (lanes >> 4 * part & 15 ^ 8) - 8
                    out.append((nibbles << scale).astype(layout.lane).view("<u4"))
                at += layout.vector


def random_words(seed: int, layout: Layout, scale: int) -> np.ndarray:
    """Runs of small lanes between words of anything."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(int(rng.integers(0, 9))):
        small = rng.integers(-8, 8, int(rng.integers(0, 40)) * (4 // np.dtype(layout.lane).itemsize)) << scale
        parts += [
            rng.integers(0, 2**32, int(rng.integers(0, 4)), dtype=np.uint32),
            small.astype(layout.lane).view("<u4"),
        ]
    return np.concatenate([np.zeros(0, "<u4"), *parts])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(sorted(LAYOUTS)), st.integers(0, 4))
def test_what_is_narrowed_comes_back(seed: int, layout: str, scale: int) -> None:
    words = random_words(seed, LAYOUTS[layout], scale)
    np.testing.assert_array_equal(widened(narrowed(words, LAYOUTS[layout], scale), LAYOUTS[layout], scale), words)


def test_equal_pieces_share_a_header() -> None:
    record = np.concatenate([np.full(2, 0x12345678, "<u4"), np.full(8, 0x01FF07F8, "<u4")])
    stream = narrowed(np.tile(record, 5), WORDS)
    assert stream[:3].tolist() == [2, 4, 5]
    assert len(stream) == 3 + 5 * (2 + 4) + 3


def fc(weights: np.ndarray, bias: int = 0, shift: int = 0) -> FcS8:
    n = len(weights)
    return FcS8(weights, np.full(n, bias, np.int32), np.full(n, 2**20, np.int32), shift, 1, (1, n), 0)


def test_quads_hold_four_channels_to_a_halfword() -> None:
    rng = np.random.default_rng(1)
    weights, bias = rng.integers(-7, 8, (6, 8)).astype(np.int8), rng.integers(-99, 99, 6)
    order = k_pairs(1, 8)
    records = quad_records((weights, bias, np.arange(6)), order).astype(np.int64)
    assert quads_of(6).tolist() == [[0, 1, 2, 3], [2, 3, 4, 5]]
    words = records[1, 4:-4]
    halves = np.stack([words & 0xFFFF, words >> 16], axis=1)
    for place in range(3):
        np.testing.assert_array_equal((halves >> 4 * place & 15) - 8, weights[2 + place][order])
    np.testing.assert_array_equal((halves >> 12 ^ 8) - 8, weights[5][order])
    sums = records[1, :4].astype(np.uint32).view(np.int32)
    np.testing.assert_array_equal(np.diff(sums, prepend=0), bias[2:] * [1, 16, 256, 4096])
    assert records[1, -4:].tolist() == [2, 3, 4, 5]


@pytest.mark.parametrize(("inputs", "held"), [(584, True), (586, False)])
def test_the_fourth_channel_has_nineteen_bits(inputs: int, held: bool) -> None:
    weights = np.full((4, inputs), 7, np.int8)
    layer = (weights, np.zeros(4, np.int32), np.zeros(4, np.int32))
    assert (128 * 7 * inputs < LIMITS[3]) is held
    assert (quad_refusal(layer) is None) is held


def test_the_third_channel_has_twenty_three_bits() -> None:
    weights = np.zeros((4, 4000), np.int8)
    weights[2] = 7
    layer = (weights, np.array([0, 0, 2**23 - 15 * 128 * 4000, 0], np.int32), np.zeros(4, np.int32))
    assert "channel 2 of four" in str(quad_refusal(layer))
    layer[1][2] -= 1
    assert quad_refusal(layer) is None


def test_runs_of_thumb1_stay_inside_a_halfword() -> None:
    sums = np.array([56, 56, 16, 1, 56, 56, 17])
    assert runs_within(sums, RUN_LIMIT) == [(0, 3), (3, 6), (6, 7)]
    layer = w4(conv(np.random.default_rng(3), (2, 2, 30), 5, (1, 1)), np.random.default_rng(4)).contract
    assert isinstance(layer, ConvS8)
    words = run_words(layer).astype(np.int64)
    at = 0
    for channel in layer.weights.reshape(5, -1):
        taps: list[int] = []
        at += 2
        while words[at]:
            run = words[at + 1 : at + 1 + words[at], None] >> 4 * np.arange(8) & 15
            taps += ((run ^ 8) - 8).reshape(-1).tolist()
            at += 1 + int(words[at])
        at += 1
        assert taps == [*channel.tolist(), 0, 0]
    assert at == len(words)


def test_blocks_of_other_instruction_sets() -> None:
    weights = np.random.default_rng(5).integers(-7, 8, (9, 20)).astype(np.int8)
    words = block_words(fc(weights)).reshape(2, 16 + 20).astype(np.int64)
    np.testing.assert_array_equal((words[1, 16:] & 15) - 8, weights[8])
    np.testing.assert_array_equal((words[0, 16:] >> 28) - 8, weights[7])
    pairs = byte_pairs(weights).astype(np.int64)
    low = (pairs + 8 & 15) - 8
    np.testing.assert_array_equal(low[4], weights[8])
    np.testing.assert_array_equal(pairs[0] - low[0] >> 4, weights[1])
    block = packed_w4(fc(weights)).data[: 2 * 4 * 16].reshape(2, 4, 16).astype(np.int64)
    low = (block + 8 & 15) - 8
    np.testing.assert_array_equal(low[0, 1], weights[1, :16])
    np.testing.assert_array_equal((block - low >> 4)[1, 2, :4], weights[6, 16:])


def test_a_shift_in_the_weights_is_found_again() -> None:
    rng = np.random.default_rng(6)
    layer = w4(fully_connected(rng, 1, 9, 4), rng, 3).contract
    assert isinstance(layer, FcS8)
    folded = unshifted(layer)
    assert folded.shift == 0
    assert int(np.abs(folded.weights).max()) > 7
    found = narrow(folded)
    assert found.shift == 3
    np.testing.assert_array_equal(found.weights, layer.weights)
    np.testing.assert_array_equal(found.bias, layer.bias)


def test_wide_weights_are_not_narrowed() -> None:
    layer = fc(np.array([[8, 16]], np.int8), bias=1)
    assert narrow(layer) is layer
    assert "weights up to 16" in str(refusal_of_w4(layer))


def test_sums_that_a_shift_saturates_are_refused() -> None:
    layer = fc(np.full((4, 8), 7, np.int8), bias=2**28, shift=3)
    assert "after a shift" in str(refusal_of_w4(layer))
    assert refusal_of_w4(replace(layer, shift=2)) is None


@pytest.mark.parametrize("isas", [("thumb1", "c"), ("c",), ("dsp", "c"), ("mve", "dsp", "c")], ids="-".join)
def test_flash_decides_for_nibbles_and_wide_weights_never_meet_them(isas: tuple[str, ...]) -> None:
    rng = np.random.default_rng(7)
    wide = fully_connected(rng, 1, 128, 128)
    assert "w4" in candidates(w4(wide, rng).contract, isas)[0].symbol
    assert not any("w4" in kernel.symbol for kernel in candidates(wide.contract, isas))


def test_every_body_that_widens_says_so_in_its_calls() -> None:
    rng = np.random.default_rng(8)
    layer = w4(conv(rng, (4, 4, 32), 32, (1, 1)), rng).contract
    found = [k for k in all_kernels() if "+w4" in k.symbol and k.refusal(layer) is None]
    assert found
    for kernel in found:
        for call in kernel.calls(layer):
            assert call.widen in {source.rpartition("/")[2].partition(".")[0] for source in kernel.sources}
