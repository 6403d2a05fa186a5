"""Weight streams of the Armv7E-M and Armv8-M DSP kernels, as `runtime_c/src/dsp/ew_gemm_px4_dsp.S` reads them."""

import numpy as np

#: Below this a sum can be the second channel of a pair: it travels in the upper 24 bits of an accumulator.
PAIR_LIMIT = 2**23
NOTHING = -1


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
    return np.concatenate([whole.reshape(-1, 2), rest.reshape(-1, 2)])


def largest_sums(weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """A bound of |bias + sum w * x| per output channel for any int8 x; weights [out_c, ...]."""
    flat = weights.reshape(weights.shape[0], -1).astype(np.int64)
    return np.abs(bias.astype(np.int64)) + 128 * np.abs(flat).sum(axis=1)


def pair_words(weights: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Weight words of channel pairs: uint32 [pairs, kpairs] of weights [pairs, 2, K]."""
    padded = np.concatenate([weights, np.zeros((*weights.shape[:2], 1), weights.dtype)], axis=2).astype(np.int64)
    halves = padded[:, 0, :] + 256 * padded[:, 1, :]
    low, high = halves[:, order[:, 0]], halves[:, order[:, 1]]
    return ((low & 0xFFFF) | (high & 0xFFFF) << 16).astype(np.uint32)


def pair_records(
    weights: np.ndarray, bias: np.ndarray, mult: np.ndarray, order: np.ndarray, channels: np.ndarray
) -> np.ndarray:
    """Records of the pairs `channels` [pairs, 2] of weights [out_c, K]; a second channel `NOTHING` counts as zeros."""
    w = np.concatenate([weights, np.zeros((1, weights.shape[1]), weights.dtype)])[channels]
    b, m = (np.append(v.astype(np.int64), 0)[channels] for v in (bias, mult))
    head = np.stack([b[:, 0], b[:, 0] + 256 * b[:, 1]], axis=1)
    return np.concatenate([_u32(head), pair_words(w, order), _u32(m)], axis=1)


def pair_stream(
    weights: np.ndarray, bias: np.ndarray, mult: np.ndarray, order: np.ndarray, begin: int = 0
) -> np.ndarray:
    """The stream of the channels from `begin` on: runs of channel pairs, a terminator, the singles; uint32 [words].

    A channel whose sum may reach `PAIR_LIMIT` cannot be second of a pair: it becomes a single. An odd
    channel at the end is computed together with its neighbour, which is then computed twice.
    """
    wide = largest_sums(weights, bias) >= PAIR_LIMIT
    runs, singles = _split(wide, begin)
    words: list[np.ndarray] = []
    for first, pairs in runs:
        channels = first + np.arange(2 * pairs).reshape(-1, 2)
        records = pair_records(weights, bias, mult, order, channels)
        words += [_u32(np.array([4 * records.size, first])), records.reshape(-1)]
    words.append(_u32(np.array([0, 0, len(singles)])))
    for channel in singles:
        record = pair_records(weights, bias, mult, order, np.array([[channel, NOTHING]])).reshape(-1)
        words += [_u32(np.array([channel, 4 * record.size, 0])), record, _u32(np.array([0, 0]))]
    return np.concatenate(words)


def quad_stream(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, int]:
    """The quads of `ew_fc4_dsp.S` for as many outputs as they can hold, and that number of outputs.

    Quads end before the first output that would be second of its pair and may reach `PAIR_LIMIT`.
    """
    wide = largest_sums(weights, bias) >= PAIR_LIMIT
    barred = np.flatnonzero(wide[1::2])
    quads = min(len(wide), 2 * int(barred[0]) if barred.size else len(wide)) // 4
    pairs = pair_records(weights, bias, mult, order, np.arange(4 * quads).reshape(-1, 2))
    both = pairs.reshape(quads, 2, len(order) + 4)
    words = both[:, :, 2:-2]
    fours = words.shape[2] // 4 * 4
    parts = [
        both[:, :, :2].reshape(quads, 4),
        words[:, :, :fours].reshape(quads, 2, fours // 4, 4).swapaxes(1, 2).reshape(quads, 2 * fours),
        words[:, :, fours:].swapaxes(1, 2).reshape(quads, 2 * (len(order) - fours)),
        both[:, :, -2:].reshape(quads, 4),
    ]
    records = np.concatenate(parts, axis=1).reshape(-1)
    return np.concatenate([_u32(np.array([4 * records.size])), records]), 4 * quads


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
