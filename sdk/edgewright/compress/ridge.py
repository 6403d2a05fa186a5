"""Least squares that stays near where it begins, its strength chosen by two-fold cross-validation."""

from __future__ import annotations

import numpy as np

#: Strengths tried, in units of the mean variance of the inputs: from exact data to so few that hardly a weight moves.
STRENGTHS = (1e-9, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)


class Ridge:
    """Ridge regression on inputs x, float64 [groups, rows, columns]: factored once, for any targets and strength.

    Minimizes mean |y - x w^T - b|^2 + strength * mean(var x) * |w - start|^2 for each group. The smaller of the two
    Gram matrices is factored, so that the cost is bounded by the rows as well as by the columns.
    Source: T. Hastie et al., "The Elements of Statistical Learning", 2nd edition, equations 3.44 and 18.15.
    """

    def __init__(self, x: np.ndarray) -> None:
        self._mean = x.mean(axis=1, keepdims=True)
        self._x = x - self._mean
        rows, columns = x.shape[1:]
        self._primal = columns <= rows
        turned = self._x.transpose(0, 2, 1)
        gram = turned @ self._x if self._primal else self._x @ turned
        self._values, self._vectors = np.linalg.eigh(gram / rows)
        total = self._values.clip(min=0.0).sum(axis=1)
        self._unit = np.maximum(total / columns, np.finfo(np.float64).tiny)

    def weights(self, y: np.ndarray, start: np.ndarray, strength: float) -> np.ndarray:
        """w [groups, outputs, columns] for targets y [groups, rows, outputs] and weights to stay near, of w's shape."""
        rest = y - y.mean(axis=1, keepdims=True) - self._x @ start.transpose(0, 2, 1)
        turned = self._x.transpose(0, 2, 1)
        right = turned @ rest if self._primal else rest
        damped = self._values.clip(min=0.0) + strength * self._unit[:, None]
        solved = self._vectors @ ((self._vectors.transpose(0, 2, 1) @ right) / damped[:, :, None])
        change = solved if self._primal else turned @ solved
        found: np.ndarray = start + change.transpose(0, 2, 1) / y.shape[1]
        return found

    def bias(self, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """b [groups, outputs] that makes the means agree."""
        found: np.ndarray = (y.mean(axis=1, keepdims=True) - self._mean @ weights.transpose(0, 2, 1))[:, 0]
        return found

    def predicted(self, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """x w^T + b with the bias for targets y."""
        found: np.ndarray = self._x @ weights.transpose(0, 2, 1) + y.mean(axis=1, keepdims=True)
        return found


def choose_strength(x: np.ndarray, y: np.ndarray, start: np.ndarray) -> float:
    """The strength of STRENGTHS whose fit to each half of the rows predicts the other half best."""
    middle = x.shape[1] // 2
    if middle < 2:
        return STRENGTHS[-1]
    errors = np.zeros(len(STRENGTHS))
    for own, other in ((slice(0, middle), slice(middle, None)), (slice(middle, None), slice(0, middle))):
        fit = Ridge(x[:, own])
        inputs, targets = x[:, other], y[:, other]
        inputs, targets = inputs - inputs.mean(axis=1, keepdims=True), targets - targets.mean(axis=1, keepdims=True)
        for index, strength in enumerate(STRENGTHS):
            weights = fit.weights(y[:, own], start, strength)
            errors[index] += np.square(targets - inputs @ weights.transpose(0, 2, 1)).sum()
    return STRENGTHS[int(np.argmin(errors))]
