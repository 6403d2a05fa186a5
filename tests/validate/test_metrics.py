"""How near two sets of outputs are."""

import math

import numpy as np
import pytest

from edgewright.validate.metrics import Comparison


def compared(*samples: tuple[list[float], list[float], int | None]) -> Comparison:
    comparison = Comparison()
    for got, want, label in samples:
        comparison.add([np.array([got])], [np.array([want])], label)
    return comparison


def test_shares_of_samples() -> None:
    comparison = compared(
        ([1, 2, 0], [0, 5, 0], 1),  # agrees, and is right
        ([1, 2, 0], [0, 5, 0], 0),  # agrees, and is wrong
        ([3, 2, 0], [0, 5, 0], 0),  # disagrees, and is right
        ([0, 0, 1], [0, 5, 0], 1),  # neither
    )
    assert (comparison.samples, comparison.agreement, comparison.accuracy) == (4, 0.5, 0.5)


def test_errors_over_all_elements() -> None:
    comparison = compared(([1, 0], [1, 2], None), ([3, 4], [0, 4], None))
    assert comparison.rmse == pytest.approx(math.sqrt((4 + 9) / 4))
    assert comparison.cosine == pytest.approx((1 + 16) / math.sqrt((1 + 9 + 16) * (1 + 4 + 16)))


def test_equal_outputs_are_perfect() -> None:
    comparison = compared(([0.25, -1], [0.25, -1], 0))
    assert (comparison.rmse, comparison.agreement) == (0.0, 1.0)
    assert comparison.cosine == pytest.approx(1.0)


def test_nothing_compared_and_nothing_but_zeros() -> None:
    assert (Comparison().rmse, Comparison().accuracy, Comparison().agreement, Comparison().cosine) == (0, 0, 0, 1)
    assert compared(([0, 0], [0, 0], None)).cosine == 1.0
    assert compared(([0, 0], [1, 0], None)).cosine == 0.0, "one of them is zero: they have no direction in common"


def test_several_outputs_count_together_and_the_first_decides() -> None:
    comparison = Comparison()
    comparison.add([np.array([0.0, 1.0]), np.array([5.0])], [np.array([0.0, 2.0]), np.array([1.0])], 1)
    assert comparison.rmse == pytest.approx(math.sqrt((1 + 16) / 3))
    assert (comparison.agreement, comparison.accuracy) == (1.0, 1.0)


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_an_index_is_the_class_itself(shape: tuple[int, ...]) -> None:
    """A model that ends in ArgMax: the largest of one value is always the first."""
    comparison = Comparison()
    for got, want, label in ((3, 3, 3), (3, 2, 3), (1, 1, 0)):
        comparison.add([np.full(shape, got, np.int32)], [np.full(shape, want, np.int64)], label)
    assert comparison.agreement == pytest.approx(2 / 3)
    assert comparison.accuracy == pytest.approx(2 / 3)


def test_integers_do_not_overflow() -> None:
    comparison = Comparison()
    comparison.add([np.array([2_000_000_000], np.int32)], [np.array([-2_000_000_000], np.int64)], None)
    assert comparison.rmse == pytest.approx(4e9)
