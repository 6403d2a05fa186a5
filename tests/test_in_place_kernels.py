"""Kernels whose contract lets the output reuse an input give the same bytes when it does."""

import ctypes
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from edgewright import cgen
from edgewright.cgen import Array
from edgewright.kernels import Kernel
from edgewright.targets import load_cpu
from tests.harness.cases_by_contract import ELEMENTWISE, NORM, Assigned, joined
from tests.harness.kernel_program import RUNTIME, Case

HOST = load_cpu("x86-64")


def library(kernel: Kernel, cases: Sequence[Case], folder: Path) -> ctypes.CDLL:
    """A shared library with one function `run<k>(inputs, y, scratch)` for each case."""
    arrays: list[str] = []

    def pointer(array: Array) -> str:
        arrays.append(cgen.array(f"a{len(arrays)}", array, static=True))
        return f"a{len(arrays) - 1}"

    functions: list[str] = []
    for k, case in enumerate(cases):
        (call,) = kernel.calls(case.contract)
        functions.append(cgen.struct(call.struct, f"p{k}", call.fields, pointer))
        inputs = "".join(f"x[{i}], " for i in call.inputs)
        functions.append(f"void run{k}(const int8_t **x, int8_t *y, void *scratch);")
        functions.append(f"void run{k}(const int8_t **x, int8_t *y, void *scratch)")
        functions.append(f"{{\n    {call.symbol}(&p{k}, {inputs}y, scratch);\n}}")
    (folder / "cases.c").write_text("\n".join(['#include "ew_kernels.h"', *arrays, *functions, ""]))
    sources = [str(RUNTIME / "src" / source) for source in kernel.sources]
    includes = [f"-I{RUNTIME / 'include'}", f"-I{RUNTIME / 'src'}"]
    command = [HOST.compiler, *HOST.flags, "-std=c99", "-O2", "-shared", "-fPIC", *includes]
    subprocess.run([*command, "-o", str(folder / "cases.so"), str(folder / "cases.c"), *sources], check=True)
    return ctypes.CDLL(str(folder / "cases.so"))


@pytest.mark.parametrize("isa", HOST.isas)
def test_output_may_reuse_an_input(isa: str, tmp_path: Path) -> None:
    kernel, every = joined(isa, {**ELEMENTWISE, **NORM})
    cases = [case for case in every if isinstance(case.contract, Assigned) and case.contract.inner.in_place]
    if not cases:
        pytest.skip(f"no kernel of {isa} works in place")
    program = library(kernel, cases, tmp_path)
    for k, case in enumerate(cases):
        assert isinstance(case.contract, Assigned)
        for shared in case.contract.inner.in_place:
            inputs = [np.ascontiguousarray(x).reshape(-1).copy() for x in case.inputs]
            scratch = np.zeros(max(1, kernel.scratch_bytes(case.contract)), dtype=np.uint8)
            addresses = (ctypes.c_void_p * len(inputs))(*(x.ctypes.data for x in inputs))
            program[f"run{k}"](
                addresses, ctypes.c_void_p(inputs[shared].ctypes.data), ctypes.c_void_p(scratch.ctypes.data)
            )
            want = case.contract.reference(*case.inputs).reshape(-1)
            np.testing.assert_array_equal(inputs[shared], want, f"{case.why}, output over input {shared}")
