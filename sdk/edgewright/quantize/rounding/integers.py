"""Real weights as small integers and a scale per output channel, so that a layer's output changes least.

The loss of a channel is (w - s q) H (w - s q)^T with H the covariance of the layer's inputs: the mean squared change of
its output once the bias has taken the mean. Arrays are float64: h [groups, columns, columns]; weights and their
integers [groups, outputs, columns]; scales [groups, outputs].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Shares of the largest weight that are tried as the end of the range.
GRID = np.linspace(0.5, 1.0, 26)
#: Added to the diagonal of H, in units of its mean: what few samples leave open must not be believed.
DAMPING = 0.01
#: Rounds of coordinate descent; most layers stand still after two or three.
MOST_SWEEPS = 4
#: Columns whose updates are collected before the others hear of them, so that these become products of matrices.
BLOCK = 64
TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, eq=False)
class Integers:
    """The weights scales * q of a layer: whole numbers q in float64, and scales that float32 holds exactly."""

    q: np.ndarray
    scales: np.ndarray

    @property
    def real(self) -> np.ndarray:
        """What they stand for."""
        weights: np.ndarray = self.q * self.scales[..., None]
        return weights


@dataclass(frozen=True, eq=False)
class Bounds:
    """What the integers of a layer may be: q in [-most, most]; scales at least `least` [groups, outputs]."""

    most: int
    least: np.ndarray


def nearest(weights: np.ndarray, scales: np.ndarray, bounds: Bounds) -> Integers:
    """Each weight by itself."""
    exact = np.maximum(scales, bounds.least).astype(np.float32).astype(np.float64)
    return Integers(np.clip(np.rint(weights / exact[..., None]), -bounds.most, bounds.most), exact)


def best_scales(h: np.ndarray, weights: np.ndarray, bounds: Bounds) -> np.ndarray:
    """The scale of each channel, of a grid, with which weights rounded one by one lose least under H's diagonal."""
    importance = _diagonal(h)[:, None]
    importance = importance + 1e-12 + DAMPING * importance.mean(axis=2, keepdims=True)
    widest = np.abs(weights).max(axis=2) / bounds.most
    best, least_loss = np.maximum(widest, bounds.least), np.full(weights.shape[:2], np.inf)
    for share in GRID[::-1]:
        found = nearest(weights, widest * share, bounds)
        loss = (np.square(found.real - weights) * importance).sum(axis=2)
        best, least_loss = np.where(loss < least_loss, found.scales, best), np.minimum(loss, least_loss)
    return np.asarray(best)


def gptq(h: np.ndarray, weights: np.ndarray, scales: np.ndarray, bounds: Bounds) -> Integers:
    """Column by column, the most important first: what rounding one changes, the columns to come make up for.

    Source: E. Frantar et al., "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers", ICLR
    2023, algorithm 1, with the order of its `act-order` option.
    """
    order = np.argsort(-_diagonal(h), axis=1, kind="stable")
    turned = np.take_along_axis(np.take_along_axis(damped(h), order[:, :, None], 1), order[:, None, :], 2)
    spread = np.linalg.cholesky(np.linalg.inv(turned)).transpose(0, 2, 1)
    rest = np.take_along_axis(weights, order[:, None, :], 2)
    q, steps = np.zeros_like(rest), np.maximum(scales, bounds.least)
    for first in range(0, q.shape[2], BLOCK):
        last = min(first + BLOCK, q.shape[2])
        errors = np.zeros_like(rest[:, :, first:last])
        for j in range(first, last):
            q[:, :, j] = np.clip(np.rint(rest[:, :, j] / steps), -bounds.most, bounds.most)
            error = (rest[:, :, j] - q[:, :, j] * steps) / spread[:, j, j, None]
            rest[:, :, j:last] -= error[:, :, None] * spread[:, None, j, j:last]
            errors[:, :, j - first] = error
        rest[:, :, last:] -= errors @ spread[:, first:last, last:]
    return Integers(np.take_along_axis(q, np.argsort(order, axis=1)[:, None, :], 2), steps)


def descend(h: np.ndarray, weights: np.ndarray, start: Integers, bounds: Bounds) -> Integers:
    """Coordinate descent: every integer in turn to its best value while the others stand, then the scales."""
    h = damped(h)
    q, steps = start.q.copy(), start.scales
    for _ in range(MOST_SWEEPS):
        changed = _sweep(h, q, (weights - q * steps[..., None]) @ h, steps, bounds.most)
        steps = _best_scales_of(q, h, weights, steps, bounds)
        if not changed:
            break
    exact = steps.astype(np.float32).astype(np.float64)
    return Integers(q, exact)


def _sweep(h: np.ndarray, q: np.ndarray, slope: np.ndarray, steps: np.ndarray, most: int) -> bool:
    """One round over all columns of q, in place; slope: (w - s q) H. Whether anything changed."""
    changed = False
    for first in range(0, q.shape[2], BLOCK):
        last = min(first + BLOCK, q.shape[2])
        moved = np.zeros_like(q[:, :, first:last])
        for j in range(first, last):
            best = np.clip(np.rint(q[:, :, j] + slope[:, :, j] / (h[:, j, j, None] * steps)), -most, most)
            change = (best - q[:, :, j]) * steps
            if change.any():
                slope[:, :, first:last] -= change[:, :, None] * h[:, None, j, first:last]
                q[:, :, j], moved[:, :, j - first] = best, change
        if moved.any():
            changed = True
            slope[:, :, :first] -= moved @ h[:, first:last, :first]
            slope[:, :, last:] -= moved @ h[:, first:last, last:]
    return changed


def _best_scales_of(q: np.ndarray, h: np.ndarray, weights: np.ndarray, steps: np.ndarray, bounds: Bounds) -> np.ndarray:
    """Least squares for the scale of each channel; a channel without weights keeps its own."""
    turned = q @ h
    power, along = (turned * q).sum(axis=2), (turned * weights).sum(axis=2)
    fitted = np.divide(along, power, out=steps.copy(), where=(power > TINY) & (along > 0))
    found: np.ndarray = np.maximum(fitted, bounds.least)
    return found


def damped(h: np.ndarray) -> np.ndarray:
    """H with DAMPING; positive definite whatever H is."""
    mean = _diagonal(h).mean(axis=1)
    unit = np.where(mean > TINY, mean, 1.0)
    return h + (DAMPING * unit)[:, None, None] * np.eye(h.shape[1])


def _diagonal(h: np.ndarray) -> np.ndarray:
    diagonal: np.ndarray = np.diagonal(h, axis1=1, axis2=2)
    return diagonal
