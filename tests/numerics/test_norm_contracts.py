"""The integer normalisations stay within one output step of the real functions."""

import numpy as np
import pytest

from edgewright.contracts.norm import LayerNormS8
from edgewright.contracts.softmax import LogSoftmaxS8, SoftmaxS8, exp_table


def real_log_softmax(x: np.ndarray) -> np.ndarray:
    shifted = x - x.max(axis=1, keepdims=True)
    log_softmax: np.ndarray = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return log_softmax


@pytest.mark.parametrize("x_scale", [0.003, 0.05, 0.3])
@pytest.mark.parametrize("n", [2, 10, 100])
def test_softmax_is_within_one_step(x_scale: float, n: int) -> None:
    x = np.random.default_rng(n).integers(-128, 128, (50, n, 3), dtype=np.int8)
    contract = SoftmaxS8(exp_table(x_scale), 50, n, 3, 256, -128, x.shape)
    real = np.exp(real_log_softmax(x * x_scale)) * 256 - 128
    assert np.abs(contract.reference(x) - np.clip(real, -128, 127)).max() <= 1


@pytest.mark.parametrize("x_scale", [0.003, 0.05, 0.3])
@pytest.mark.parametrize("y_scale", [16 / 256, 0.02])
@pytest.mark.parametrize("n", [2, 10, 1000])
def test_log_softmax_is_within_one_step(x_scale: float, y_scale: float, n: int) -> None:
    x = np.random.default_rng(n).integers(-128, 128, (20, n, 2), dtype=np.int8)
    contract = LogSoftmaxS8.from_scales(
        x_scale=x_scale, y_scale=y_scale, y_zero=127, outer=20, n=n, inner=2, out_shape=x.shape
    )
    real = real_log_softmax(x * x_scale) / y_scale + 127
    assert np.abs(contract.reference(x) - np.clip(real, -128, 127)).max() <= 0.6


@pytest.mark.parametrize("x_scale", [0.001, 0.05, 3.0])
@pytest.mark.parametrize("n", [2, 64, 768])
@pytest.mark.parametrize("epsilon", [1e-12, 1e-5, 1e-2])
def test_layer_norm_is_within_one_step(x_scale: float, n: int, epsilon: float) -> None:
    rng = np.random.default_rng(n)
    x = rng.integers(-128, 128, (20, n), dtype=np.int8)
    x[0], x[1, :] = 5, np.where(np.arange(n) % 2, 9, 8)  # no variance, and the smallest
    gamma, beta = rng.uniform(-2, 2, n), rng.uniform(-1, 1, n)
    real_x = x * x_scale
    deviation = real_x - real_x.mean(axis=1, keepdims=True)
    real = deviation / np.sqrt((deviation**2).mean(axis=1, keepdims=True) + epsilon) * gamma + beta
    contract = LayerNormS8.from_scales(gamma, beta, epsilon, x_scale=x_scale, y_scale=0.04, y_zero=3, out_shape=x.shape)
    assert np.abs(contract.reference(x) - np.clip(real / 0.04 + 3, -128, 127)).max() <= 0.6


def test_layer_norm_refuses_what_its_fixed_point_cannot_hold() -> None:
    ones = np.ones(4)
    with pytest.raises(ValueError, match="too large"):
        LayerNormS8.from_scales(ones * 3000, ones, 1e-5, x_scale=1.0, y_scale=1.0, y_zero=0, out_shape=(1, 4))


def test_log_softmax_refuses_a_vanishing_output_scale() -> None:
    with pytest.raises(ValueError, match="limit"):
        LogSoftmaxS8.from_scales(x_scale=1.0, y_scale=1e-9, y_zero=0, outer=1, n=4, inner=1, out_shape=(4,))
