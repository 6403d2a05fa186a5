"""Random layers on every kernel that takes them, with the output over the input where a kernel allows it."""

from pathlib import Path

import pytest

from edgewright.kernels import all_kernels
from edgewright.targets import Cpu, cpu_names, load_cpu
from tests.harness.cases_by_contract import CONV, Assigned, one_kernel
from tests.harness.kernel_program import Case, failures
from tests.harness.random_cases import random_table

RUNS = [(cpu, isa) for cpu in map(load_cpu, cpu_names()) for isa in cpu.isas]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("cpu", "isa"), RUNS, ids=[f"{cpu.name}-{isa}" for cpu, isa in RUNS])
def test_random_layers_equal_their_references(cpu: Cpu, isa: str, seed: int, tmp_path: Path) -> None:
    kernels = [kernel for kernel in all_kernels() if kernel.isa == isa and kernel.contract in CONV]
    cases = [
        Case(f"{kernel.symbol}: {case.why}", Assigned(kernel, case.contract), case.inputs)
        for kernel in kernels
        for case in random_table(seed, 25)
        if isinstance(case.contract, kernel.contract) and kernel.refusal(case.contract) is None
    ]
    assert failures(one_kernel(kernels), cases, cpu, tmp_path) == []
