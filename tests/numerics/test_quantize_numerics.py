"""Requantization and the integers of linear layers, against exact arithmetic on Python's integers."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edgewright.ir import Quant
from edgewright.numerics import LinearLayer, multiplier, quantize_linear, requantize, saturating_shift_left
from edgewright.numerics.weights import BIAS_LIMIT

INT32 = st.integers(-(2**31), 2**31 - 1)
INT8 = st.integers(-128, 127)
FACTORS = st.floats(0, 2.0**15 - 1, allow_subnormal=False) | st.floats(1e-9, 1.0)


def exact(acc: int, mult: int, shift: int, zero: int, low: int, high: int) -> int:
    """clamp(zero + floor(sat(acc * 2^shift) * mult / 2^32 + 1/2), low, high), in integers of any size."""
    shifted = max(-(2**31), min(2**31 - 1, acc << shift))
    return max(low, min(high, zero + (shifted * mult + 2**31) // 2**32))


# ---- requantize ----


@given(INT32, st.integers(0, 2**30 - 1), st.integers(0, 16), INT8, INT8, INT8)
@example(2**31 - 1, 2**30 - 1, 16, 127, -128, 127)
@example(-(2**31), 2**30 - 1, 16, -128, -128, 127)
@example(-1, 2**30 - 1, 0, 0, -128, 127)
@example(1, 2**30 - 1, 0, 0, -128, 127)
@example(2, 2**29, 0, 0, -128, 127)  # exactly half a step: goes up
@example(-2, 2**29, 0, 0, -128, 127)
def test_requantize_is_the_formula(acc: int, half_mult: int, shift: int, zero: int, a: int, b: int) -> None:
    low, high = min(a, b), max(a, b)
    got = requantize(np.array([acc]), 2 * half_mult, shift, zero, low, high)
    assert got.dtype == np.int8
    assert int(got[0]) == exact(acc, 2 * half_mult, shift, zero, low, high)


@given(st.lists(INT32, min_size=3, max_size=3), st.lists(st.integers(0, 2**30 - 1), min_size=3, max_size=3))
def test_multipliers_go_along_the_last_axis(acc: list[int], halves: list[int]) -> None:
    got = requantize(np.array([acc, acc[::-1]]), 2 * np.array(halves, dtype=np.int32), 0, 1)
    for row, values in zip(got.tolist(), (acc, acc[::-1]), strict=True):
        assert row == [exact(v, 2 * h, 0, 1, -128, 127) for v, h in zip(values, halves, strict=True)]


@given(INT32, st.integers(0, 31))
def test_left_shift_saturates(acc: int, shift: int) -> None:
    assert int(saturating_shift_left(np.array([acc]), shift)[0]) == max(-(2**31), min(2**31 - 1, acc << shift))


@pytest.mark.parametrize("acc", [2**31, -(2**31) - 1])
def test_an_accumulator_outside_int32_is_an_error(acc: int) -> None:
    """The reference must not compute what no kernel can."""
    with pytest.raises(OverflowError, match="outside int32"):
        requantize(np.array([0, acc]), 2, 0, 0)


@given(INT32, st.floats(1e-9, 1e3), INT8)
def test_requantize_is_near_the_real_product(acc: int, factor: float, zero: int) -> None:
    """The multiplier is off by at most 2^(shift - 32), and rounding adds half a step."""
    fixed = multiplier(factor)
    real = Fraction(acc) * Fraction(factor) + zero
    clamped = max(Fraction(-128), min(Fraction(127), real))
    got = int(requantize(np.array([acc]), int(fixed.mult[0]), fixed.shift, zero)[0])
    assert abs(got - clamped) <= Fraction(1, 2) + Fraction(2**fixed.shift * abs(acc), 2**32)


# ---- multiplier ----


@given(st.lists(FACTORS, min_size=1, max_size=5))
def test_multiplier_is_even_and_as_precise_as_its_shift_allows(factors: list[float]) -> None:
    fixed = multiplier(np.array(factors))
    assert fixed.mult.dtype == np.int32
    assert np.all(fixed.mult % 2 == 0)
    assert np.all(fixed.mult >= 0)
    for mult, factor in zip(fixed.mult.tolist(), factors, strict=True):
        assert abs(Fraction(mult, 2 ** (32 - fixed.shift)) - Fraction(factor)) <= Fraction(2**fixed.shift, 2**32)
    if fixed.shift:
        assert max(factors) >= 0.5 * 2.0 ** (fixed.shift - 1) * (1 - 2.0**-30), "a smaller shift would do"


@pytest.mark.parametrize(
    ("factor", "shift"),
    [(0.0, 0), (2.0**-40, 0), (0.49999, 0), (0.5 - 2.0**-40, 1), (0.5, 1), (0.75, 1), (1.0, 2), (2.0**15 - 1, 16)],
)
def test_shift_is_the_smallest_that_keeps_factors_below_half(factor: float, shift: int) -> None:
    assert multiplier(factor).shift == shift


@pytest.mark.parametrize("factor", [-1e-9, float("nan"), float("inf"), 2.0**15])
def test_factors_that_have_no_fixed_point_form(factor: float) -> None:
    with pytest.raises(ValueError, match="requantization factor"):
        multiplier(np.array([0.1, factor]))


# ---- linear layers ----


@st.composite
def layers(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, float, int]:
    """Weights and bias of very different sizes per channel, and the quantization of the input."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, features = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    size = 10.0 ** rng.integers(-6, 4, (n, 1))
    weights = rng.standard_normal((n, features)) * size
    bias = rng.standard_normal(n) * 10.0 ** rng.integers(-6, 4, n) * rng.integers(0, 2, n)
    return weights, bias, draw(st.floats(1e-4, 10.0)), draw(INT8)


def accumulators(layer: LinearLayer, x: np.ndarray) -> np.ndarray:
    """Exact sums of a layer whose bias holds the input's zero point."""
    sums: np.ndarray = layer.weights.astype(object) @ x.astype(object) + layer.bias.astype(object)
    return sums


@settings(max_examples=200)
@given(layers(), st.floats(1e-3, 1.0))
def test_no_accumulator_leaves_int32(case: tuple[np.ndarray, np.ndarray, float, int], y_scale: float) -> None:
    weights, bias, x_scale, x_zero = case
    layer = quantize_linear(weights, bias, x_scale, x_zero, max(y_scale, largest_factor(case) / 2**14))
    assert layer.weights.min() >= -127
    for row, b in zip(layer.weights.astype(object), layer.bias.tolist(), strict=True):
        worst = max(
            abs(b + sum(w * (127 if w > 0 else -128) for w in row)),
            abs(b + sum(w * (-128 if w > 0 else 127) for w in row)),
        )
        assert worst < 2**31


def largest_factor(case: tuple[np.ndarray, np.ndarray, float, int]) -> float:
    """The requantization factor for an output scale of 1."""
    weights, bias, x_scale, _ = case
    return float(max(np.abs(weights).max() / 127 * x_scale, np.abs(bias).max() / BIAS_LIMIT, x_scale))


@settings(max_examples=200)
@given(layers(), st.integers(0, 1000))
def test_sums_are_near_the_real_ones(case: tuple[np.ndarray, np.ndarray, float, int], seed: int) -> None:
    """Half a step for each weight times the input, and half a step of the bias."""
    weights, bias, x_scale, x_zero = case
    layer = quantize_linear(weights, bias, x_scale, x_zero, largest_factor(case))
    x = np.random.default_rng(seed).integers(-128, 128, weights.shape[1:])
    steps = np.maximum(np.abs(weights).max(axis=1) / 127, np.abs(bias) / (x_scale * BIAS_LIMIT)) * x_scale
    real = (weights @ ((x - x_zero) * x_scale)) + bias
    got = accumulators(layer, x).astype(np.float64) * steps
    allowed = (0.5 * np.abs(x - x_zero).sum() + 0.5) * steps
    assert np.all(np.abs(got - real) <= allowed * 1.0001 + 1e-9)


@settings(max_examples=100)
@given(layers())
def test_scales_survive_float32(case: tuple[np.ndarray, np.ndarray, float, int]) -> None:
    """A QDQ model holds scales in float32; reading it again must give the same integers."""
    weights, bias, x_scale, x_zero = case
    y_scale = largest_factor(case)
    layer = quantize_linear(weights, bias, x_scale, x_zero, y_scale)
    own = np.abs(weights).max(axis=1) / 127
    own = np.maximum(own, np.abs(bias) / (x_scale * BIAS_LIMIT)).astype(np.float32)
    stored = layer.weights.astype(np.float32) * own[:, None]
    again = quantize_linear(stored, bias, x_scale, x_zero, y_scale, scales=own.astype(np.float64))
    np.testing.assert_array_equal(again.weights, layer.weights)
    np.testing.assert_array_equal(again.bias, layer.bias)
    np.testing.assert_array_equal(again.mult, layer.mult)


@given(st.floats(-50.0, 50.0), st.floats(1e-3, 1.0), INT8, st.floats(0.01, 0.5), st.lists(INT8, min_size=3, max_size=3))
def test_a_channel_without_weights_gives_its_bias(
    bias: float, x_scale: float, x_zero: int, y_scale: float, x: list[int]
) -> None:
    quant = Quant(y_scale, -5)
    layer = quantize_linear(np.array([[0.0] * 3, [0.01] * 3]), np.array([bias, 0.0]), x_scale, x_zero, y_scale)
    got = requantize(accumulators(layer, np.array(x)).astype(np.int64), layer.mult, layer.shift, quant.zero)
    exactly = bias / y_scale + quant.zero
    assert abs(int(got[0]) - np.clip(exactly, -128, 127)) <= 0.501


@pytest.mark.parametrize("y_scale", [0.05, 1e-6])
def test_a_channel_without_weights_and_bias_costs_the_others_nothing(y_scale: float) -> None:
    alone = quantize_linear(np.array([[1e-3, 2e-3]]), np.zeros(1), 0.1, 0, y_scale * 0.1)
    both = quantize_linear(np.array([[1e-3, 2e-3], [0, 0]]), np.zeros(2), 0.1, 0, y_scale * 0.1)
    assert (both.shift, int(both.mult[0])) == (alone.shift, int(alone.mult[0]))


def test_a_sum_that_may_overflow_is_refused() -> None:
    """140,000 weights at their largest: 140,000 * 127 * 128 > 2^31."""
    weights = np.ones((2, 140_000))
    weights[0, 1000:] = 0
    with pytest.raises(OverflowError, match=r"channel 1: accumulator may reach 2275840000, int32 ends at 2147483647"):
        quantize_linear(weights, np.zeros(2), 0.1, 0, 1e4)


def test_a_bias_that_may_overflow_is_refused() -> None:
    """With scales of its own, a model may ask for a bias beyond int32."""
    weights, scales = np.array([[0.1]]), np.array([1e-9])
    with pytest.raises(OverflowError, match="channel 0: accumulator may reach"):
        quantize_linear(weights, np.array([1.0]), 0.1, 0, 1.0, scales=scales)


def test_a_large_bias_raises_the_scale_of_its_channel() -> None:
    """A bias that takes few steps survives being stored in float32."""
    layer = quantize_linear(np.array([[1e-6, -1e-6]]), np.array([100.0]), 0.01, 0, 1.0)
    assert abs(int(layer.bias[0])) <= BIAS_LIMIT + 1


def test_without_folding_the_zero_point_stays_out_of_the_bias() -> None:
    """A transposed convolution centres its input itself, so one product reaches 255 * 127."""
    weights, bias = np.array([[1.0, -0.5]]), np.array([0.25])
    folded = quantize_linear(weights, bias, 0.1, 7, 1.0)
    plain = quantize_linear(weights, bias, 0.1, 7, 1.0, fold_zero=False)
    assert int(folded.bias[0]) == int(plain.bias[0]) - 7 * int(plain.weights.astype(int).sum())
    with pytest.raises(OverflowError):
        quantize_linear(np.ones((1, 70_000)), np.zeros(1), 0.1, 0, 1e4, fold_zero=False)


def test_weights_never_reach_minus_128() -> None:
    """Kernels rely on it: -128 + 256 * -128 is no int16."""
    layer = quantize_linear(np.array([[-12.8, 12.7]]), np.zeros(1), 1.0, 0, 10.0, scales=np.array([0.1]))
    assert layer.weights.tolist() == [[-127, 127]]
    own = quantize_linear(np.array([[-12.8, 12.7]]), np.zeros(1), 1.0, 0, 10.0)
    assert own.weights.tolist() == [[-127, 126]]


def test_one_scale_for_all_channels() -> None:
    layer = quantize_linear(np.array([[1.0], [2.0]]), np.zeros(2), 1.0, 0, 1.0, scales=np.array([0.1]))
    assert layer.weights.tolist() == [[10], [20]]
    assert layer.mult[0] == layer.mult[1]


# ---- a shift that the weights take ----


@given(st.integers(0, 5), st.integers(0, 2**32))
def test_weights_of_four_bits_take_the_shift(shift: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights, bias = rng.integers(-7, 8, (3, 5)), rng.integers(-(10**6), 10**6, 3)
    layer = LinearLayer(weights.astype(np.int8), bias.astype(np.int32), np.full(3, 2**29, np.int32), shift)
    moved = layer.without_shift()
    assert moved.shift == (0 if shift <= 4 else shift)
    assert moved.weights.dtype == np.int8
    x = rng.integers(-128, 128, 5)
    before, after = (
        requantize(x @ one.weights.T.astype(np.int64) + one.bias, one.mult, one.shift, 3) for one in (layer, moved)
    )
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(("weight", "bias"), [(8, 0), (7, 2**29)])
def test_what_could_overflow_keeps_its_shift(weight: int, bias: int) -> None:
    layer = LinearLayer(np.array([[weight]], np.int8), np.array([bias], np.int32), np.array([2**29], np.int32), 2)
    assert layer.without_shift() is layer
