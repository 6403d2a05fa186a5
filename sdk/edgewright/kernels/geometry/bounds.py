"""How large sums get, before and after scaling: bounds that hold for any int8 input."""

import numpy as np

INT16_MAX = 2**15 - 1


def largest_sums(weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """A bound of |bias + sum w * x| per output channel for any int8 x; weights [out_c, ...]."""
    flat = weights.reshape(weights.shape[0], -1).astype(np.int64)
    sums: np.ndarray = np.abs(bias.astype(np.int64)) + 128 * np.abs(flat).sum(axis=1)
    return sums


def largest_scaled(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray) -> int:
    """The largest |round(sum * mult / 2^32)| that any input gives; weights int8 [out_c, k]; bias, mult [out_c]."""
    positive = np.maximum(weights, 0).sum(axis=1, dtype=np.int64)
    negative = np.minimum(weights, 0).sum(axis=1, dtype=np.int64)
    sums = np.stack([127 * positive - 128 * negative + bias, -128 * positive + 127 * negative + bias])
    return int(np.abs(np.rint(sums * (mult / 2.0**32))).max(initial=0)) + 1
