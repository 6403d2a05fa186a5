"""Scales of weights that are trained: which whole numbers they become."""

from __future__ import annotations

import numpy as np

from edgewright.numerics.weights import BIAS_LIMIT, LEAST_SCALE, W4_MAX

#: Candidates for the scale of a channel, as shares of the one that saturates nothing.
SHARES = np.linspace(0.5, 1.0, 51)


def narrow_scales(weights: np.ndarray, bias: np.ndarray, x_scale: float) -> np.ndarray:
    """Scale per output channel (axis 0) for 4 bits, float64 [n] of values that float32 holds exactly.

    The one of SHARES with the least squared error; raised where the bias would take more than BIAS_LIMIT steps.
    """
    flat = np.abs(weights.reshape(len(weights), -1)).astype(np.float64)
    full = flat.max(axis=1, initial=0.0) / W4_MAX
    tried = np.maximum(full[:, None] * SHARES, LEAST_SCALE)
    rounded = np.minimum(np.rint(flat[:, None] / tried[:, :, None]), W4_MAX) * tried[:, :, None]
    best = np.square(rounded - flat[:, None]).sum(axis=2).argmin(axis=1)
    scales = np.maximum(tried[np.arange(len(tried)), best], np.abs(bias) / (x_scale * BIAS_LIMIT))
    exact: np.ndarray = np.maximum(scales, LEAST_SCALE).astype(np.float32).astype(np.float64)
    return exact
