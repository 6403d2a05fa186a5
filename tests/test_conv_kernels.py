"""Every convolution and fully connected kernel, on every CPU that has it, against the reference."""

from pathlib import Path

import pytest

from edgewright.contracts.conv import ConvS8, DepthwiseS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels import Kernel, all_kernels
from edgewright.targets import cpu_names, load_cpu
from tests.harness.conv_cases import conv_table, depthwise_table, fc_table
from tests.harness.kernel_program import failures

TABLES = {ConvS8: conv_table, DepthwiseS8: depthwise_table, FcS8: fc_table}
RUNS = [
    (kernel, cpu)
    for kernel in all_kernels()
    if kernel.contract in TABLES
    for cpu in map(load_cpu, cpu_names())
    if kernel.isa in cpu.isas
]


@pytest.mark.parametrize(("kernel", "cpu"), RUNS, ids=[f"{k.symbol}-{c.name}" for k, c in RUNS])
def test_kernel_equals_its_reference(kernel: Kernel, cpu, tmp_path: Path) -> None:
    cases = [case for case in TABLES[kernel.contract]() if kernel.refusal(case.contract) is None]
    assert cases, f"{kernel.symbol} takes none of its cases"
    assert failures(kernel, cases, cpu, tmp_path) == []
