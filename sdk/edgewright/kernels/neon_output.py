"""How large scaled sums get: NEON and SDOT kernels narrow them to int16 without saturation where that is proven."""

import numpy as np

INT16_MAX = 2**15 - 1


def largest_scaled(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray) -> int:
    """The largest |round(sum * mult / 2^32)| that any input gives; weights int8 [out_c, k]; bias, mult [out_c]."""
    positive = np.maximum(weights, 0).sum(axis=1, dtype=np.int64)
    negative = np.minimum(weights, 0).sum(axis=1, dtype=np.int64)
    sums = np.stack([127 * positive - 128 * negative + bias, -128 * positive + 127 * negative + bias])
    return int(np.abs(np.rint(sums * (mult / 2.0**32))).max(initial=0)) + 1
