"""Fits the layer before a final softmax to probabilities instead of to what the softmax reads."""

from __future__ import annotations

import numpy as np

#: Strengths tried, in units of the mean variance of the inputs; the last one leaves the least-squares fit as it is.
STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0, 1e3)
#: Newton steps of a fit, and unknowns beyond which their Hessian would take too long.
STEPS, MOST_UNKNOWNS = 12, 1000


def fit_probabilities(
    x: np.ndarray, logits: np.ndarray, weights: np.ndarray, bias: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weights [outputs, columns] and bias [outputs] near those given whose softmax is near that of `logits`.

    x: float64 [rows, columns]. logits: of the original, [rows, outputs]. Minimizes the mean cross-entropy between both
    softmaxes and strength * mean(var x) / 2 * |change|^2, which is convex; the strength by two-fold cross-validation.
    What is given comes back when there are more than MOST_UNKNOWNS unknowns or less than 4 rows.
    Source: G. Hinton et al., "Distilling the Knowledge in a Neural Network", 2015, for a last layer alone.
    """
    start = np.column_stack([weights, bias])
    if start.size > MOST_UNKNOWNS or len(x) < 4:
        return weights, bias
    columns = np.column_stack([x, np.ones(len(x))])
    wanted, middle = softmax(logits), len(x) // 2
    unit = max(float(x.var(axis=0).mean()), np.finfo(np.float64).tiny)
    halves = ((slice(0, middle), slice(middle, None)), (slice(middle, None), slice(0, middle)))
    errors = [
        sum(
            _cross_entropy(columns[other], wanted[other], _newton(columns[own], wanted[own], start, strength * unit))
            for own, other in halves
        )
        for strength in STRENGTHS
    ]
    best = _newton(columns, wanted, start, STRENGTHS[int(np.argmin(errors))] * unit)
    return best[:, :-1], best[:, -1]


def softmax(logits: np.ndarray) -> np.ndarray:
    """Along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def _newton(x: np.ndarray, wanted: np.ndarray, start: np.ndarray, strength: float) -> np.ndarray:
    """Damped Newton steps, halved until the objective falls."""
    outputs, columns = start.shape
    found = start

    def objective(w: np.ndarray) -> float:
        return _cross_entropy(x, wanted, w) / len(x) + 0.5 * strength * float(np.square(w - start).sum())

    for _ in range(STEPS):
        shares = softmax(x @ found.T)
        gradient = (shares - wanted).T @ x / len(x) + strength * (found - start)
        hessian = _curvature(x, shares).reshape(outputs * columns, -1) + strength * np.eye(outputs * columns)
        step = np.linalg.solve(hessian, gradient.reshape(-1)).reshape(found.shape)
        before, size = objective(found), 1.0
        while size > 1e-3 and objective(found - size * step) > before:
            size /= 2
        if size <= 1e-3:
            break
        found = found - size * step
    return found


def _curvature(x: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Second derivatives of the mean cross-entropy, [outputs, columns, outputs, columns]; x [rows, columns]."""
    outputs, columns = shares.shape[1], x.shape[1]
    found = np.empty((outputs, columns, outputs, columns))
    for a in range(outputs):
        for b in range(outputs):
            weights = shares[:, a] * (float(a == b) - shares[:, b])
            found[a, :, b, :] = (x * weights[:, None]).T @ x / len(x)
    return found


def _cross_entropy(x: np.ndarray, wanted: np.ndarray, weights: np.ndarray) -> float:
    return -float((wanted * np.log(np.maximum(softmax(x @ weights.T), 1e-30))).sum())
