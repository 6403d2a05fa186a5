"""Every node of every operator case as C: portable under sanitizers on the host, and the bodies of emulated cores.

The same table runs as float against ONNX Runtime and as integer reference in `test_ops_cases.py`. Here each contract
that comes out of it meets, with the very inputs it saw there, the kernel that the planner would choose.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from edgewright.contracts import Contract
from edgewright.ir import Value
from edgewright.kernels import candidates
from edgewright.quantize import quantized_inputs, run_integer
from edgewright.targets import load_cpu
from tests.harness.cases_by_contract import Assigned, one_kernel
from tests.harness.kernel_program import Case, failures
from tests.harness.op_cases import lowered, op_cases

SANITIZERS = ("-fsanitize=undefined,address", "-fno-sanitize-recover=all")
#: (cpu, kernels, extra compiler options)
RUNS = [
    ("x86-64", ("c",), SANITIZERS),
    ("x86-64", ("avx2", "c"), ()),
    ("cortex-m0plus", ("thumb1", "c"), ()),
    ("cortex-m4", ("dsp", "c"), ()),
    ("cortex-m55", ("mve", "dsp", "c"), ()),
    ("arm1176jzf-s", ("dsp", "c"), ()),
    ("cortex-a7", ("armv7_neon", "c"), ()),
    ("cortex-a72", ("neon", "c"), ()),
    ("cortex-a76", ("sdot", "neon", "c"), ()),
]
#: Nodes in one program, so that it fits the memory of every board.
CHUNK = 80


@cache
def nodes() -> list[tuple[str, Contract, tuple[np.ndarray, ...]]]:
    """(why, contract, inputs) of every node of every case that computes something, on its first sample."""
    found: list[tuple[str, Contract, tuple[np.ndarray, ...]]] = []
    for case in op_cases():
        low = lowered(case)
        seen: dict[Value, np.ndarray] = {}
        inputs = quantized_inputs(low.integer, low.samples[0])
        run_integer(low.integer, inputs, seen.__setitem__)
        for node in low.integer.nodes:
            assert isinstance(node.op, Contract)
            operands = tuple(v.data if v.data is not None else seen[v] for v in node.inputs if v is not None)
            if all(x.dtype == np.int8 for x in operands):
                found.append((f"{case.name} / {node.name}", node.op, operands))
    return found


def chosen(isas: Sequence[str]) -> list[Case]:
    """The nodes with the kernels that `isas` gives them; free ones have nothing to run."""
    cases = []
    for why, contract, inputs in nodes():
        kernel = candidates(contract, isas)[0]
        if kernel.calls(contract):
            cases.append(Case(f"{kernel.symbol}: {why}", Assigned(kernel, contract), inputs))
    return cases


@pytest.mark.parametrize(("cpu", "isas", "flags"), RUNS, ids=[f"{cpu}-{isas[0]}" for cpu, isas, _ in RUNS])
def test_every_node_gives_the_bytes_of_its_reference(
    cpu: str, isas: tuple[str, ...], flags: tuple[str, ...], tmp_path: Path
) -> None:
    cases = chosen(isas)
    assert len(cases) > 200
    wrong: list[str] = []
    for start in range(0, len(cases), CHUNK):
        part = cases[start : start + CHUNK]
        kernels = [case.contract.kernel for case in part if isinstance(case.contract, Assigned)]
        wrong += failures(one_kernel(kernels), part, load_cpu(cpu), tmp_path / str(start), flags=flags)
    assert wrong == []
