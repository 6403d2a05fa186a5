"""Shares of contracts: their outputs follow each other, and together they are the whole, byte for byte."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgewright.contracts import Contract
from edgewright.contracts.dense import FcS8
from edgewright.contracts.movement import CopyS8
from edgewright.contracts.recurrent import GruS8, LstmS8
from edgewright.kernels import all_kernels
from edgewright.plan.rows import Windowed, has_row_contracts
from edgewright.plan.shares import Share, divisions, ranges
from edgewright.targets import load_cpu
from tests.harness.cases_by_contract import CONV, ELEMENTWISE, MOVEMENT, NORM, POOL, Assigned, one_kernel
from tests.harness.conv_cases import fully_connected
from tests.harness.kernel_program import Case, failures
from tests.harness.random_cases import random_layer

TABLES = {**CONV, **ELEMENTWISE, **POOL, **NORM, **MOVEMENT}
WHOLE = {CopyS8, LstmS8, GruS8}
KINDS = ("conv", "depthwise", "pointwise", "fc")


def can_be_divided(contract: Contract) -> bool:
    """Copies move bytes anywhere, and recurrent layers need every step before; windows, see `has_row_contracts`."""
    return has_row_contracts(contract) if isinstance(contract, Windowed) else type(contract) not in WHOLE


def inputs_of(share: Share, inputs: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """What a share may read of each input, and nothing else."""
    return tuple(
        x.reshape(-1).view(np.int8)[span.start : span.start + span.size]
        for x, span in zip(inputs, share.x, strict=True)
    )


def assert_shares_make_the_whole(case: Case, count: int) -> int:
    """Check every way to divide a case; how many there are."""
    want = np.ascontiguousarray(case.contract.reference(*case.inputs)).reshape(-1).view(np.int8)
    ways = divisions(case.contract, count)
    for shares in ways:
        assert 1 <= len(shares) <= count
        at = 0
        for share in shares:
            got = share.contract.reference(*inputs_of(share, case.inputs))
            assert share.y.start == at
            assert share.y.size == got.nbytes > 0
            assert type(share.contract) is type(case.contract)
            at += share.y.size
            expected = want[share.y.start : at]
            np.testing.assert_array_equal(np.ascontiguousarray(got).reshape(-1).view(np.int8), expected, case.why)
        assert at == len(want)
    return len(ways)


@pytest.mark.parametrize("contract", TABLES, ids=lambda contract: contract.__name__)
def test_shares_of_every_case_make_the_whole(contract: type[Contract]) -> None:
    for case in TABLES[contract]():
        for count in (2, 3, 4, 7):
            found = assert_shares_make_the_whole(case, count)
            assert bool(found) == can_be_divided(case.contract), case.why


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(KINDS), st.integers(2, 16))
def test_shares_of_random_layers_make_the_whole(seed: int, kind: str, count: int) -> None:
    assert_shares_make_the_whole(random_layer(np.random.default_rng(seed), kind), count)


@given(st.integers(1, 10_000), st.integers(1, 16), st.sampled_from([1, 4, 16, 64]))
def test_ranges_are_even(total: int, count: int, block: int) -> None:
    found = ranges(total, count, block)
    assert [part.first for part in found] == [0, *(part.last for part in found[:-1])]
    assert found[-1].last == total
    assert all(part.first % block == 0 and part.count > 0 for part in found)
    assert max(part.count for part in found) <= -(-total // block // count) * block + block


def test_a_few_outputs_stay_together() -> None:
    """Kernels compute 16 outputs at a time: a layer of ten has one share."""
    case = fully_connected(np.random.default_rng(1), 1, 640, 10)
    assert isinstance(case.contract, FcS8)
    assert [len(shares) for shares in divisions(case.contract, 4)] == [1]


def shares_as_cases(isa: str, count: int) -> Iterator[Case]:
    """Every share of every case that a kernel of `isa` runs, as a case of its own on the kernel of the whole."""
    for kernel in all_kernels():
        if kernel.isa != isa or kernel.contract not in TABLES or not kernel.symbol:
            continue
        for case in TABLES[kernel.contract]():
            if kernel.refusal(case.contract) is not None:
                continue
            for shares in divisions(case.contract, count):
                for k, share in enumerate(shares):
                    if kernel.refusal(share.contract) is None:
                        why = f"{kernel.symbol}: {case.why}, share {k} of {len(shares)}"
                        yield Case(why, Assigned(kernel, share.contract), inputs_of(share, case.inputs))


@pytest.mark.parametrize(
    ("cpu", "isa"),
    [("x86-64", "avx2"), ("cortex-a53", "neon"), ("cortex-a76", "sdot"), ("cortex-a7", "armv7_neon")],
)
def test_kernels_compute_the_shares(cpu: str, isa: str, tmp_path: Path) -> None:
    cases = list(shares_as_cases(isa, 3))
    kernels = [kernel for kernel in all_kernels() if kernel.isa == isa and kernel.contract in TABLES]
    assert len(cases) > 100
    assert failures(one_kernel(kernels), cases, load_cpu(cpu), tmp_path) == []
