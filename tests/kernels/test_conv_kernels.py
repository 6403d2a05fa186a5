"""Every convolution, fully connected and matrix product kernel, on every CPU that has it, against the reference."""

from pathlib import Path

import pytest

from edgewright.kernels import AnyKernel, all_kernels
from edgewright.kernels.widened import WidenedKernel
from edgewright.targets import Cpu, cpu_names, load_cpu
from tests.harness.cases_by_contract import CONV
from tests.harness.kernel_program import LEVELS, failures

#: Where a body that widens runs each time; on other CPUs, whose bodies behind it are the same, with the slow tests.
WIDENED_ON = {"c": "cortex-m3", "thumb1": "cortex-m0plus", "dsp": "cortex-m4", "mve": "cortex-m55"}
RUNS = [
    pytest.param(
        *(kernel, cpu),
        id=f"{kernel.symbol}-{cpu.name}",
        marks=[pytest.mark.slow] if isinstance(kernel, WidenedKernel) and cpu.name != WIDENED_ON[kernel.isa] else [],
    )
    for kernel in all_kernels()
    if kernel.contract in CONV
    for cpu in map(load_cpu, cpu_names())
    if kernel.isa in cpu.isas
]


@pytest.mark.parametrize("optimize", LEVELS)
@pytest.mark.parametrize(("kernel", "cpu"), RUNS)
def test_kernel_equals_its_reference(kernel: AnyKernel, cpu: Cpu, optimize: str, tmp_path: Path) -> None:
    cases = [case for case in CONV[kernel.contract]() if kernel.refusal(case.contract) is None]
    assert cases, f"{kernel.symbol} takes none of its cases"
    assert failures(kernel, cases, cpu, tmp_path, optimize=optimize) == []
