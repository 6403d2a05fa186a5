"""How int8 stands for real values."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgewright.ir import Quant

QUANTS = st.builds(Quant, st.floats(1e-6, 1e6), st.integers(-128, 127))


@given(QUANTS)
def test_every_int8_comes_back(quant: Quant) -> None:
    q = np.arange(-128, 128, dtype=np.int8)
    real = quant.dequantize(q)
    assert real.dtype == np.float32
    np.testing.assert_array_equal(quant.quantize(real), q)


@given(QUANTS, st.floats(-1e7, 1e7))
def test_the_nearest_step_or_the_end(quant: Quant, real: float) -> None:
    q = int(quant.quantize(np.array([real]))[0])
    exact = real / quant.scale + quant.zero
    assert abs(q - min(max(exact, -128), 127)) <= 0.5 * (1 + 1e-9)


def test_halves_go_to_the_even_step() -> None:
    """As ONNX QuantizeLinear, NumPy and `ew_quantize` round."""
    q = Quant(1.0, 0).quantize(np.array([0.5, 1.5, 2.5, -0.5, -1.5]))
    assert q.tolist() == [0, 2, 2, 0, -2]


def test_what_is_outside_saturates() -> None:
    assert Quant(1.0, 100).quantize(np.array([1e30, -1e30, np.inf, -np.inf])).tolist() == [127, -128, 127, -128]


def test_numbers_of_numpy_become_plain_ones() -> None:
    """They are printed into C, JSON and text."""
    quant = Quant(np.float32(0.1), np.int64(3))  # type: ignore[arg-type]
    assert (type(quant.scale), type(quant.zero)) == (float, int)
    assert repr(quant.scale) == "0.10000000149011612"


@pytest.mark.parametrize("scale", [0.0, -0.1, math.nan, math.inf])
def test_scales_must_be_positive_numbers(scale: float) -> None:
    with pytest.raises(ValueError, match="is not a positive number"):
        Quant(scale, 0)


@pytest.mark.parametrize("zero", [-129, 128, 255])
def test_zero_points_must_be_int8(zero: int) -> None:
    with pytest.raises(ValueError, match="is outside int8"):
        Quant(0.1, zero)
