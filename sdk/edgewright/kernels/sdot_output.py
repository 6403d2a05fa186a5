"""What the SDOT kernels ask of requantization, the twin of `runtime_c/src/sdot/ew_output_sdot.inc`.

SQRDMLAH adds the zero point while it scales, and the low halves of the results are their int16 values: nine
instructions for sixteen outputs, where no sum can leave int16 after scaling.
"""

import numpy as np

INT16_MAX = 2**15 - 1


def largest_scaled(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray) -> int:
    """The largest |round(sum * mult / 2^32)| that any input gives; weights int8 [out_c, k]; bias, mult [out_c]."""
    positive = np.maximum(weights, 0).sum(axis=1, dtype=np.int64)
    negative = np.minimum(weights, 0).sum(axis=1, dtype=np.int64)
    sums = np.stack([127 * positive - 128 * negative + bias, -128 * positive + 127 * negative + bias])
    return int(np.abs(np.rint(sums * (mult / 2.0**32))).max(initial=0)) + 1


def narrow_refusal(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray, shift: int) -> str | None:
    """Why outputs may need more than SQRDMLAH and int16; arrays as in `largest_scaled`."""
    if shift:
        return f"sums shifted by {shift}; supported: 0"
    found = largest_scaled(weights, bias, mult) + 128
    return f"scaled sums reach {found}; supported: {INT16_MAX}" if found > INT16_MAX else None
