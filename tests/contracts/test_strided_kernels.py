"""Iteration spaces of copies and broadcasts: few dimensions, the same addresses, and a limit that is told."""

import numpy as np
import pytest

from edgewright.contracts.elementwise import AddS8
from edgewright.contracts.movement import Copy, CopyS8
from edgewright.kernels.c.elementwise import AddBroadcastKernel, AddKernel, broadcast_fields
from edgewright.kernels.c.movement import CopyKernel, simplified
from edgewright.kernels.geometry.strides import Strides, contiguous, merged
from tests.harness.kernel_program import Case
from tests.harness.movement_cases import copy_table


def add(a_shape: tuple[int, ...], b_shape: tuple[int, ...]) -> AddS8:
    return AddS8(1, 1, 0, 1, np.broadcast_shapes(a_shape, b_shape), a_shape=a_shape, b_shape=b_shape)


@pytest.mark.parametrize(
    ("dims", "strides", "want"),
    [
        ((2, 3, 4), [(12, 4, 1), (12, 4, 1)], ((24,), [(1,), (1,)])),
        ((2, 1, 4), [(4, 99, 1), (4, 0, 1)], ((8,), [(1,), (1,)])),
        ((2, 3, 4), [(0, 4, 1), (12, 4, 1)], ((2, 12), [(0, 1), (12, 1)])),
        ((2, 3), [(1, 2), (3, 1)], ((2, 3), [(1, 2), (3, 1)])),
        ((1, 1), [(5, 5), (7, 7)], ((1,), [(0,), (0,)])),
    ],
    ids=["contiguous", "size one", "repeated outside", "transposed", "one element"],
)
def test_dimensions_merge_where_addresses_allow(
    dims: Strides, strides: list[Strides], want: tuple[Strides, list[Strides]]
) -> None:
    assert merged(dims, strides) == want


@pytest.mark.parametrize("case", copy_table(), ids=lambda case: case.why)
def test_a_simplified_copy_moves_the_same_elements(case: Case) -> None:
    assert isinstance(case.contract, CopyS8)
    for copy in case.contract.copies:
        simple = simplified(copy)
        pairs = [
            set(
                zip(
                    c.addresses(c.y_strides, c.y_offset).ravel(),
                    c.addresses(c.x_strides, c.x_offset).ravel(),
                    strict=True,
                )
            )
            for c in (copy, simple)
        ]
        assert pairs[0] == pairs[1]
        assert len(simple.dims) <= len(copy.dims)


def test_a_copy_of_too_many_dimensions_is_refused() -> None:
    shape = (2,) * 7
    order = (6, 4, 2, 0, 5, 3, 1)
    copy = Copy(shape, tuple(contiguous(shape)[k] for k in order), contiguous(shape))
    assert CopyKernel().refusal(CopyS8((copy,), shape)) == "a copy over 7 dimensions; supported: 6"


def test_a_broadcast_of_too_many_dimensions_is_refused() -> None:
    contract = add((2, 1, 2, 1, 2), (1, 2, 1, 2, 1))
    assert AddBroadcastKernel().refusal(contract) == "broadcasting over 5 dimensions; supported: 4"


def test_operands_of_one_shape_need_no_broadcast() -> None:
    assert AddKernel().refusal(add((1, 2, 3), (2, 3))) is None
    assert AddKernel().refusal(add((1, 2, 3), (3,))) == "the operands have different shapes"


def test_a_channel_vector_repeats_over_pixels() -> None:
    fields = broadcast_fields(add((1, 5, 7, 6), (6,)))
    assert fields == {"dims": (1, 1, 35, 6), "a_strides": (0, 0, 6, 1), "b_strides": (0, 0, 0, 1)}
