"""A network that min-max ruins, and what the ladder of ranges, roundings and widths makes of it."""

import numpy as np
import pytest

from edgewright.blas import on_one_thread
from edgewright.ir import Graph
from edgewright.ir.clone import clone
from edgewright.ops import Op
from edgewright.pipeline import integer_form, simplified
from edgewright.quantize import Samples, Widths, calibrate, quantized_inputs, run_float, run_integer
from tests.harness.hard_depthwise import images, network
from tests.harness.small_models import file_of

JUDGED = 1000


def samples(count: int, seed: int) -> Samples:
    x, y = images(count, seed)
    return Samples((x,), ((1, *x.shape[1:]),), y)


@pytest.fixture(scope="module")
def graph() -> Graph[Op]:
    return simplified(file_of(network())).graph


@pytest.fixture(scope="module")
def float_top_1(graph: Graph[Op]) -> float:
    judged = samples(JUDGED, 4)
    return float(np.mean([run_float(graph, x)[0].argmax() for x in judged] == judged.labels))


@on_one_thread
def points_lost(graph: Graph[Op], before: float, method: str, weights: str, max_drop: float | None) -> float:
    """On images that nothing was learned from or chosen by."""
    twin, judged = clone(graph), samples(JUDGED, 4)
    calibrate(twin, samples(256, 3), integer_form, method, widths=Widths.named(weights), max_drop=max_drop)
    integer = integer_form(twin)
    tops = [run_integer(integer, quantized_inputs(integer, x))[0].argmax() for x in judged]
    return 100 * (before - float(np.mean(tops == judged.labels)))


@pytest.mark.parametrize("weights", ["int8", "int4"])
def test_min_max_loses_more_than_five_points(graph: Graph[Op], float_top_1: float, weights: str) -> None:
    assert points_lost(graph, float_top_1, "minmax+nearest", weights, 100.0) > 5


@pytest.mark.parametrize(("weights", "max_drop"), [("int8", None), ("mixed", 1.0)])
def test_the_ladder_ends_within_one(graph: Graph[Op], float_top_1: float, weights: str, max_drop: float | None) -> None:
    assert points_lost(graph, float_top_1, "auto", weights, max_drop) <= 1
