"""Weights as integers: what each step may lose, and what no step may do."""

from itertools import product

import numpy as np
import pytest

from edgewright.quantize.rounding.integers import (
    BLOCK,
    Bounds,
    Integers,
    best_scales,
    damped,
    descend,
    gptq,
    nearest,
)

RNG = np.random.default_rng(5)


def problem(groups: int, outputs: int, columns: int, bits: int) -> tuple[np.ndarray, np.ndarray, Bounds]:
    """A covariance of correlated inputs, weights, and what their integers may be."""
    x = RNG.standard_normal((groups, 4 * columns, columns)) @ RNG.standard_normal((groups, columns, columns))
    weights = RNG.standard_normal((groups, outputs, columns))
    return x.transpose(0, 2, 1) @ x, weights, Bounds(2 ** (bits - 1) - 1, np.full((groups, outputs), 1e-6))


def loss(h: np.ndarray, weights: np.ndarray, made: Integers) -> float:
    rest = weights - made.real
    return float(((rest @ h) * rest).sum())


def widest(weights: np.ndarray, bounds: Bounds) -> np.ndarray:
    return np.asarray(np.abs(weights).max(axis=2) / bounds.most)


@pytest.mark.parametrize("bits", [3, 4, 6, 8])
@pytest.mark.parametrize(("groups", "outputs", "columns"), [(1, 7, 2 * BLOCK + 3), (5, 1, 9), (3, 4, 1)])
def test_every_step_loses_less(groups: int, outputs: int, columns: int, bits: int) -> None:
    h, weights, bounds = problem(groups, outputs, columns, bits)
    plain = nearest(weights, widest(weights, bounds), bounds)
    scaled = nearest(weights, best_scales(h, weights, bounds), bounds)
    together = gptq(h, weights, scaled.scales, bounds)
    best = descend(h, weights, together, bounds)
    for made in (plain, scaled, together, best):
        np.testing.assert_array_equal(made.q, np.rint(made.q))
        assert np.abs(made.q).max() <= bounds.most
        np.testing.assert_array_equal(made.scales, made.scales.astype(np.float32))
    assert np.abs(plain.q).max() == bounds.most
    if columns > 1:
        assert loss(damped(h), weights, best) <= loss(damped(h), weights, together) + 1e-9
        assert loss(h, weights, best) < 0.6 * loss(h, weights, plain)


def test_gptq_by_definition() -> None:
    """Blocks change nothing: column by column with the inverse of what is left, as the paper's equation 2 says."""
    h, weights, bounds = problem(1, 3, BLOCK + 5, 4)
    scales = best_scales(h, weights, bounds)
    made = gptq(h, weights, scales, bounds)
    order = np.argsort(-np.diagonal(h[0]))
    left, q = weights[0].copy(), np.zeros_like(weights[0])
    for k, j in enumerate(order):
        rest = order[k:]
        inverse = np.linalg.inv(damped(h)[0][np.ix_(rest, rest)])
        q[:, j] = np.clip(np.rint(left[:, j] / scales[0]), -7, 7)
        error = (left[:, j] - q[:, j] * scales[0]) / inverse[0, 0]
        left[:, rest] -= error[:, None] * inverse[0]
    np.testing.assert_array_equal(made.q[0], q)


def test_descent_ends_where_no_single_integer_can_be_better() -> None:
    h, weights, bounds = problem(1, 2, 5, 4)
    made = descend(h, weights, nearest(weights, widest(weights, bounds), bounds), bounds)
    reached = loss(damped(h), weights, made)
    for out, column, step in product(range(2), range(5), (-1, 1)):
        other = Integers(made.q.copy(), made.scales)
        other.q[0, out, column] += step
        if abs(other.q[0, out, column]) <= bounds.most:
            assert loss(damped(h), weights, other) >= reached - 1e-6


def test_two_columns_reach_the_best_of_all_integers() -> None:
    h, weights, bounds = problem(1, 6, 2, 3)
    scales = best_scales(h, weights, bounds)
    made = gptq(h, weights, scales, bounds)
    grid = np.array(list(product(range(-3, 4), repeat=2)), dtype=float)
    for out in range(6):
        rest = weights[0, out] - grid * scales[0, out]
        best = ((rest @ damped(h)[0]) * rest).sum(axis=1).min()
        own = weights[0, out] - made.q[0, out] * scales[0, out]
        assert own @ damped(h)[0] @ own <= 4 * best + 1e-12


@pytest.mark.parametrize("h", [np.zeros((1, 4, 4)), np.ones((1, 4, 4))], ids=["inputs never vary", "one input, thrice"])
def test_covariances_without_an_inverse(h: np.ndarray) -> None:
    weights, bounds = RNG.standard_normal((1, 2, 4)), Bounds(7, np.full((1, 2), 1e-6))
    scales = best_scales(h, weights, bounds)
    made = descend(h, weights, gptq(h, weights, scales, bounds), bounds)
    assert np.all(np.isfinite(made.real))
    assert np.abs(made.real - weights).max() <= 3 * scales.max()


def test_no_scale_is_smaller_than_the_bias_allows() -> None:
    h, weights, bounds = problem(2, 3, 6, 4)
    weights[0, 0] = 0.0
    bounds = Bounds(7, np.full((2, 3), 0.5))
    made = descend(h, weights, gptq(h, weights, best_scales(h, weights, bounds), bounds), bounds)
    assert made.scales.min() >= 0.5
    assert not made.q[0, 0].any()
