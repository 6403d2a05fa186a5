"""Weight streams of the DSP kernels, as `runtime_c/src/dsp/ew_gemm_px4__dsp.S` reads them."""

from typing import Literal, TypeAlias

import numpy as np

from edgewright.kernels.geometry.bounds import largest_sums

#: Below this a sum can be the second channel of a pair: it travels in the upper 24 bits of an accumulator.
PAIR_LIMIT = 2**23
NOTHING = -1
#: Pair weights (a byte each), 16-bit weights, or four channels to a halfword.
Form: TypeAlias = Literal["pair", "w16", "w4"]
#: Weights int8 [out_c, K], bias int32 [out_c], mult int32 [out_c].
Layer: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]


def k_pairs(runs: int, length: int) -> np.ndarray:
    """Which two inputs of a window each K pair multiplies: int64 [kpairs, 2], `NOTHING` for a weight of zero.

    The window is `runs` pieces of `length` consecutive bytes. Whole groups of four come first, in the order
    in which SXTB16 yields them; the bytes left over of all runs follow, two by two.
    """
    groups = length // 4
    starts = (np.arange(runs)[:, None] * length + np.arange(groups) * 4).reshape(-1)
    whole = starts[:, None, None] + np.array([[0, 2], [1, 3]])
    rest = (np.arange(runs)[:, None] * length + np.arange(groups * 4, length)).reshape(-1)
    if rest.size % 2:
        rest = np.append(rest, NOTHING)
    pairs: np.ndarray = np.concatenate([whole.reshape(-1, 2), rest.reshape(-1, 2)])
    return pairs


def weight_words(weights: np.ndarray, order: np.ndarray, form: Form) -> np.ndarray:
    """Weight words of channel pairs: uint32 [pairs, kpairs] (pair) or [pairs, 2 * kpairs] (w16) of [pairs, 2, K]."""
    padded = np.concatenate([weights, np.zeros((*weights.shape[:2], 1), weights.dtype)], axis=2).astype(np.int64)
    if form == "pair":
        halves = padded[:, 0, :] + 256 * padded[:, 1, :]
        return _u32((halves[:, order[:, 0]] & 0xFFFF) | (halves[:, order[:, 1]] & 0xFFFF) << 16)
    words = (padded[:, :, order[:, 0]] & 0xFFFF) | (padded[:, :, order[:, 1]] & 0xFFFF) << 16
    return _u32(words[:, ::-1].swapaxes(1, 2)).reshape(len(weights), 2 * len(order))


def records(layer: Layer, order: np.ndarray, channels: np.ndarray, form: Form) -> np.ndarray:
    """Records of the pairs `channels` [pairs, 2]; a second channel `NOTHING` counts as zeros."""
    weights, bias, mult = layer
    w = np.concatenate([weights, np.zeros((1, weights.shape[1]), weights.dtype)])[channels]
    b, m = (np.append(v.astype(np.int64), 0)[channels] for v in (bias, mult))
    second = b[:, 0] + 256 * b[:, 1] if form == "pair" else b[:, 1]
    head = np.stack([b[:, 0], second], axis=1)
    return np.concatenate([_u32(head), weight_words(w, order, form), _u32(m)], axis=1)


def stream(layer: Layer, order: np.ndarray, form: Form = "pair", begin: int = 0) -> np.ndarray:
    """The stream of the channels from `begin` on: runs of channel pairs, a terminator, the singles; uint32 [words].

    With pair weights a channel whose sum may reach `PAIR_LIMIT` cannot be second of a pair: it becomes a
    single. An odd channel at the end is computed together with its neighbour, which is then computed twice.
    """
    weights, bias, _ = layer
    wide = (largest_sums(weights, bias) >= PAIR_LIMIT) & (form == "pair")
    runs, singles = _split(wide, begin)
    words: list[np.ndarray] = []
    for first, pairs in runs:
        channels = first + np.arange(2 * pairs).reshape(-1, 2)
        run = records(layer, order, channels, form)
        words += [_u32(np.array([4 * run.size, first])), run.reshape(-1)]
    words.append(_u32(np.array([0, 0, len(singles)])))
    for channel in singles:
        record = records(layer, order, np.array([[channel, NOTHING]]), form).reshape(-1)
        words += [_u32(np.array([channel, 4 * record.size, 0])), record, _u32(np.array([0, 0]))]
    return np.concatenate(words)


def quad_stream(layer: Layer, order: np.ndarray) -> tuple[np.ndarray, int]:
    """The quads of `ew_fc4__dsp.S` for as many outputs as they can hold, and that number of outputs.

    Quads end before the first output that would be second of its pair and may reach `PAIR_LIMIT`.
    """
    wide = largest_sums(*layer[:2]) >= PAIR_LIMIT
    barred = np.flatnonzero(wide[1::2])
    quads = min(len(wide), 2 * int(barred[0]) if barred.size else len(wide)) // 4
    pairs = records(layer, order, np.arange(4 * quads).reshape(-1, 2), "pair")
    both = pairs.reshape(quads, 2, len(order) + 4)
    words = both[:, :, 2:-2]
    fours = words.shape[2] // 4 * 4
    parts = [
        both[:, :, :2].reshape(quads, 4),
        words[:, :, :fours].reshape(quads, 2, fours // 4, 4).swapaxes(1, 2).reshape(quads, 2 * fours),
        words[:, :, fours:].swapaxes(1, 2).reshape(quads, 2 * (len(order) - fours)),
        both[:, :, -2:].reshape(quads, 4),
    ]
    body = np.concatenate(parts, axis=1).reshape(-1)
    return np.concatenate([_u32(np.array([4 * body.size])), body]), 4 * quads


def _split(wide: np.ndarray, begin: int) -> tuple[list[tuple[int, int]], list[int]]:
    """Runs (first channel, pairs) of channels that can be paired in order, and the channels that cannot."""
    runs: list[tuple[int, int]] = []
    singles: list[int] = []
    channel, out_c = begin, len(wide)
    while channel < out_c:
        last = channel + 1 == out_c
        if last and channel > 0 and not wide[channel]:
            runs.append((channel - 1, 1))
            channel += 1
        elif last or wide[channel + 1]:
            singles.append(channel)
            channel += 1
        elif runs and runs[-1][0] + 2 * runs[-1][1] == channel:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
            channel += 2
        else:
            runs.append((channel, 1))
            channel += 2
    return runs, singles


def _u32(values: np.ndarray) -> np.ndarray:
    return (values.astype(np.int64) & 0xFFFFFFFF).astype(np.uint32)
