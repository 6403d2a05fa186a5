"""No kernel runs a contract, or a number format, that it never declared."""

import dataclasses

import pytest

from edgewright.contracts import Contract, NumberFormat
from edgewright.kernels import AnyKernel, all_kernels, candidates
from edgewright.targets import cpu_names, load_cpu
from tests.harness import cases_by_contract as tables

#: Formats that no kernel will ever have.
INT3 = NumberFormat(weights="int3")
INT24 = NumberFormat(activations="int24")
CASES = {
    contract: table()[0].contract
    for family in (tables.CONV, tables.ELEMENTWISE, tables.POOL, tables.NORM, tables.RECURRENT, tables.MOVEMENT)
    for contract, table in family.items()
}
ISAS = sorted({cpu.isas for cpu in map(load_cpu, cpu_names())})


def stored_as(contract: Contract, number_format: NumberFormat) -> Contract:
    """`contract` as a class of its own whose numbers are stored in another way."""
    kind = type(contract)
    other = type(kind.__name__, (kind,), {"number_format": property(lambda self: number_format)})
    made: Contract = other(**{field.name: getattr(contract, field.name) for field in dataclasses.fields(kind)})
    return made


@pytest.mark.parametrize("number_format", [INT3, INT24], ids=str)
@pytest.mark.parametrize("kernel", [k for k in all_kernels() if k.contract in CASES], ids=lambda k: k.symbol)
def test_a_format_that_a_kernel_never_declared_is_refused(kernel: AnyKernel, number_format: NumberFormat) -> None:
    contract = stored_as(CASES[kernel.contract], number_format)
    assert kernel.refusal(contract) == f"{number_format}; supported: {', '.join(map(str, kernel.formats))}"


@pytest.mark.parametrize("isas", ISAS, ids=" ".join)
@pytest.mark.parametrize("number_format", [INT3, INT24], ids=str)
def test_no_kernel_is_found_for_an_undeclared_format(isas: tuple[str, ...], number_format: NumberFormat) -> None:
    assert not any(candidates(stored_as(contract, number_format), isas) for contract in CASES.values())


def test_a_kernel_that_declares_a_format_takes_it() -> None:
    kernel = next(k for k in all_kernels() if k.symbol == "ew_fc_s8")
    narrow = type("Narrow", (type(kernel),), {"formats": (INT3,)})()
    contract = CASES[kernel.contract]
    assert narrow.refusal(stored_as(contract, INT3)) is None
    assert narrow.refusal(contract) == "weights int8, activations int8; supported: weights int3, activations int8"


@pytest.mark.parametrize("kernel", all_kernels(), ids=lambda k: f"{k.symbol} {k.contract.__name__}")
def test_another_contract_is_refused(kernel: AnyKernel) -> None:
    other = next(c for kind, c in CASES.items() if not issubclass(kind, kernel.contract))
    assert kernel.refusal(other) == f"a {type(other).__name__}; supported: {kernel.contract.__name__}"
