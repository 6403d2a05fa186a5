"""From what was seen of a value to the range that int8 covers."""

import numpy as np
import pytest

from edgewright.errors import UsageError
from edgewright.quantize.choose import annotate
from edgewright.quantize.observe import BINS, Observer
from edgewright.quantize.ranges import (
    METHODS,
    RANGES,
    entropy,
    mean_squared_error,
    min_max,
    percentile,
    quant_for_range,
)
from tests.harness.graph_strategies import build_graph


def seen(*parts: np.ndarray) -> Observer:
    """An observer of these values."""
    data, observer = np.concatenate(parts), Observer()
    observer.widen(data)
    observer.count(data)
    return observer


RNG = np.random.default_rng(0)
NORMAL = RNG.standard_normal(100_000)
#: A bell and, far from it, a handful of values.
OUTLIERS = (NORMAL, np.full(3, 60.0))


def squared_error(data: np.ndarray, chosen: tuple[float, float]) -> float:
    quant = quant_for_range(*chosen)
    return float(((quant.dequantize(quant.quantize(data)) - data) ** 2).mean())


# ---- observers ----


def test_observer_counts_everything_between_the_extremes() -> None:
    observer = seen(np.array([-1.0, 0.25, 3.0]), np.array([3.0]))
    assert (observer.low, observer.high, observer.counts.sum()) == (-1.0, 3.0, 4)
    assert observer.counts[-1] == 2
    assert len(observer.centres) == BINS
    assert observer.centres[0] == pytest.approx(-1 + 2 / BINS)


def test_observed_range_always_holds_zero() -> None:
    """Padding and dead inputs are exactly zero."""
    assert (seen(np.array([2.0, 5.0])).low, seen(np.array([-2.0, -5.0])).high) == (0.0, 0.0)


# ---- methods ----


@pytest.mark.parametrize("method", METHODS)
def test_every_method_stays_inside_what_was_seen_and_keeps_zero(method: str) -> None:
    for parts in (OUTLIERS, (np.abs(NORMAL),), (-np.abs(NORMAL),), (NORMAL + 20,), (np.array([0.5, 0.5]),)):
        observer = seen(*parts)
        low, high = METHODS[method](observer)
        assert observer.low <= low <= 0.0 <= high <= observer.high


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("value", "q"), [(0.0, 0), (4.0, 127), (-4.0, -128)])
def test_a_constant_value_is_covered_exactly(method: str, value: float, q: int) -> None:
    """One value is one bin at the very end of the range: cutting it off would lose everything."""
    quant = quant_for_range(*METHODS[method](seen(np.full(100, value))))
    assert quant.quantize(np.array([value]))[0] == q
    assert quant.dequantize(np.array([q], dtype=np.int8))[0] == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_one_sided_values_use_all_steps(method: str) -> None:
    """Behind a Relu no step stands for a negative value."""
    assert quant_for_range(*METHODS[method](seen(np.abs(NORMAL)))).zero == -128
    assert quant_for_range(*METHODS[method](seen(-np.abs(NORMAL)))).zero == 127


@pytest.mark.parametrize("method", METHODS)
def test_mirrored_values_get_mirrored_ranges(method: str) -> None:
    data = NORMAL[:49_999]  # no share of them is a whole number
    low, high = METHODS[method](seen(data, -data))
    assert low == pytest.approx(-high, abs=2 * np.ptp(NORMAL) / BINS)


def test_min_max_covers_the_outlier() -> None:
    assert min_max(seen(*OUTLIERS)) == (NORMAL.min(), 60.0)


def test_percentile_cuts_an_outlier_off() -> None:
    """Three values in 100,000 would cost everything else three bits."""
    observer = seen(*OUTLIERS)
    low, high = percentile(observer)
    assert high < 6
    assert squared_error(NORMAL, (low, high)) < 0.1 * squared_error(NORMAL, min_max(observer))


def test_percentile_leaves_out_its_share() -> None:
    data = np.linspace(-1.0, 1.0, 200_001)
    low, high = percentile(seen(data), 0.99)
    outside = ((data < low) | (data > high)).mean()
    assert outside == pytest.approx(0.01, abs=2 / BINS)
    assert low == pytest.approx(-high, abs=3 / BINS)


def test_mse_is_the_least_of_its_candidates() -> None:
    data = np.concatenate(OUTLIERS)
    observer = seen(data)
    chosen = mean_squared_error(observer)
    for share in (0.3, 0.5, 0.8, 1.0):
        candidate = (observer.low * share, observer.high * share)
        assert squared_error(data, chosen) <= squared_error(data, candidate) * 1.02


def test_mse_keeps_a_uniform_distribution_whole() -> None:
    """Without a tail there is nothing to gain."""
    low, high = mean_squared_error(seen(np.linspace(-1.0, 1.0, 100_000)))
    assert (low, high) == pytest.approx((-1.0, 1.0), abs=0.02)


def test_entropy_cuts_a_long_tail_and_no_uniform_distribution() -> None:
    low, high = entropy(seen(RNG.laplace(0, 1, 100_000), np.array([40.0, -40.0])))
    assert high - low < 60
    assert entropy(seen(np.linspace(-1.0, 1.0, 100_000))) == pytest.approx((-1.0, 1.0), abs=0.05)


# ---- scale and zero point ----


@pytest.mark.parametrize(
    ("low", "high", "scale", "zero"),
    [
        (-1.0, 1.0, 2 / 255, 0),  # -0.5 rounds to the even 0
        (0.0, 2.55, 0.01, -128),
        (-2.55, 0.0, 0.01, 127),
        (1.0, 2.55, 0.01, -128),  # widened to hold zero
        (-0.55, 2.0, 0.01, -73),
        (0.0, 0.0, 1.0, 0),
    ],
)
def test_scale_and_zero_of_a_range(low: float, high: float, scale: float, zero: int) -> None:
    quant = quant_for_range(low, high)
    assert quant.scale == pytest.approx(scale, rel=1e-6)
    assert quant.zero == zero
    assert quant.scale == float(np.float32(quant.scale)), "QDQ models and C hold it in float32"
    assert quant.dequantize(np.array([quant.zero], dtype=np.int8))[0] == 0.0


@pytest.mark.parametrize("size", [1e-38, 1e-29, 1e-6, 1e6, 1e37])
def test_extreme_ranges_have_a_scale_that_float32_holds(size: float) -> None:
    quant = quant_for_range(-size, size)
    assert np.finfo(np.float32).tiny <= quant.scale <= np.finfo(np.float32).max


def test_an_unknown_method_is_one_line() -> None:
    graph = build_graph(["conv"], 0)
    observers = {v: Observer() for v in graph.values()}
    with pytest.raises(UsageError, match=r"calibration method 'max': none of minmax, percentile, entropy, mse"):
        annotate(graph, observers, "max")


def test_wide_leaves_room_for_what_calibration_does_not_show() -> None:
    seen = Observer()
    seen.widen(np.array([-2.0, 4.0]))
    assert RANGES["wide"](seen) == (-3.0, 6.0)
    assert "wide" not in METHODS
