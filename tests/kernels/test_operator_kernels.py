"""Every kernel that is not a convolution, on every CPU that has it, against the reference."""

from pathlib import Path

import pytest

from edgewright.targets import Cpu, cpu_names, load_cpu
from tests.harness.cases_by_contract import CONV, ELEMENTWISE, MOVEMENT, NORM, POOL, RECURRENT, joined
from tests.harness.kernel_program import LEVELS, failures

CPUS = [load_cpu(name) for name in cpu_names()]
OPERATORS = {**ELEMENTWISE, **POOL, **NORM, **RECURRENT, **MOVEMENT}
RUNS = [(cpu, isa) for cpu in CPUS for isa in cpu.isas if joined(isa, OPERATORS)[1]]


@pytest.mark.parametrize("optimize", LEVELS)
@pytest.mark.parametrize(("cpu", "isa"), RUNS, ids=[f"{cpu.name}-{isa}" for cpu, isa in RUNS])
def test_operator_kernels_equal_their_references(cpu: Cpu, isa: str, optimize: str, tmp_path: Path) -> None:
    kernel, cases = joined(isa, OPERATORS)
    assert failures(kernel, cases, cpu, tmp_path, optimize=optimize) == []


HOST = load_cpu("x86-64")
SANITIZERS = ("-fsanitize=undefined,address", "-fno-sanitize-recover=all")


@pytest.mark.parametrize("isa", HOST.isas)
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_host_kernels_touch_nothing_else(isa: str, compiler: str, tmp_path: Path) -> None:
    kernel, cases = joined(isa, {**CONV, **OPERATORS})
    assert failures(kernel, cases, HOST, tmp_path, optimize="-O1", flags=SANITIZERS, compiler=compiler) == []
