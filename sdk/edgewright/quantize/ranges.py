"""From a histogram to the range that int8 shall cover: the calibration methods."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgewright.ir import Quant
from edgewright.quantize.observe import BINS, Observer

Range = tuple[float, float]
#: By how much `wide` ranges are wider.
WIDER = 1.5


def min_max(seen: Observer) -> Range:
    """Everything that was seen."""
    return seen.low, seen.high


def percentile(seen: Observer, share: float = 0.9999) -> Range:
    """All but the outermost 1 - share of the values, half of that on each side."""
    total = seen.counts.sum()
    if total == 0:
        return min_max(seen)
    cumulative = np.cumsum(seen.counts) / total
    edges = np.linspace(seen.low, seen.high, BINS + 1)
    tail = (1 - share) / 2
    low = edges[int(np.searchsorted(cumulative, tail, side="right"))]
    high = edges[min(int(np.searchsorted(cumulative, 1 - tail)) + 1, BINS)]
    return min(float(low), 0.0), max(float(high), 0.0)


def mean_squared_error(seen: Observer) -> Range:
    """The range, among shrunken ones, whose quantization has the least squared error on the histogram."""
    return _least(
        seen, lambda values, weights, q: float((weights * (values - q.dequantize(q.quantize(values))) ** 2).sum())
    )


def wide(seen: Observer) -> Range:
    """Half as much again as everything that was seen: for data that calibration cannot show, as anomalies."""
    return WIDER * seen.low, WIDER * seen.high


def entropy(seen: Observer) -> Range:
    """The range whose quantized distribution has the least Kullback-Leibler divergence from the seen one.

    Source: S. Migacz, "8-bit Inference with TensorRT", GTC 2017, with 255 levels over an asymmetric range.
    """
    return _least(seen, _divergence)


#: Tried by "auto".
METHODS: dict[str, Callable[[Observer], Range]] = {
    "minmax": min_max,
    "percentile": percentile,
    "entropy": entropy,
    "mse": mean_squared_error,
}
#: Those, and one that only a user can choose: on the calibration data it is worse than min-max.
RANGES: dict[str, Callable[[Observer], Range]] = {**METHODS, "wide": wide}


def quant_for_range(low: float, high: float) -> Quant:
    """Scale and zero point that cover [low, high], 0 included and exact.

    A one-sided range puts its zero at the end of int8, so that all 255 steps are used.
    """
    low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-30:
        return Quant(1.0, 0)
    scale = (high - low) / 255.0
    zero = int(np.clip(np.rint(-128 - low / scale), -128, 127))
    return Quant(float(np.float32(scale)), zero)


def _least(seen: Observer, loss: Callable[[np.ndarray, np.ndarray, Quant], float]) -> Range:
    if seen.counts.sum() == 0:
        return min_max(seen)
    values, weights = seen.centres, seen.counts / seen.counts.sum()
    candidates = [(seen.low * share, seen.high * share) for share in np.linspace(0.3, 1.0, 71)]
    losses = [loss(values, weights, quant_for_range(*candidate)) for candidate in candidates]
    return candidates[int(np.argmin(losses))]


def _divergence(values: np.ndarray, weights: np.ndarray, quant: Quant) -> float:
    """KL divergence between the distribution clipped to the range (what falls outside counts at its ends) and
    the same distribution, without what falls outside, spread evenly over the bins of each int8 level."""
    levels = (np.rint(values / quant.scale) + quant.zero).astype(np.int64)
    inside = (levels >= -128) & (levels <= 127)
    seen = weights[inside].copy()
    if not seen.size:
        return float("inf")
    kept = seen.copy()
    first = int(np.argmax(inside))
    seen[0] += weights[:first].sum()
    seen[-1] += weights[first + int(inside.sum()) :].sum()
    bins = levels[inside] + 128
    filled = kept > 0
    mass = np.bincount(bins, kept, 256)
    share = np.bincount(bins[filled], minlength=256)
    spread = np.where(filled, mass[bins] / np.maximum(share[bins], 1), 0.0)
    p, q = seen / seen.sum(), spread / max(spread.sum(), 1e-30)
    used = p > 0
    return float((p[used] * np.log(p[used] / np.maximum(q[used], 1e-12))).sum())
