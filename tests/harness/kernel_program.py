"""Runs kernels on cases of their contract and compares every byte with the reference.

All cases of a call go into one C program, built for one CPU and run on its emulator (or on the host),
so that a hundred cases cost one build and one start.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from edgewright import cgen
from edgewright.cgen import Array
from edgewright.contracts import Contract
from edgewright.kernels import AnyKernel
from edgewright.paths import data_folder
from edgewright.targets import Cpu

HERE = Path(__file__).parent
RUNTIME = data_folder("runtime_c")
WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
#: GCC's levels for every case table: the default one each time, the others with the slow tests.
LEVELS = ["-O2", *(pytest.param(level, marks=pytest.mark.slow) for level in ("-O3", "-Os"))]
OUTPUT_TYPES = {"int8": "int8_t", "int32": "int32_t"}
#: QEMU machine and memory map (code base, RAM base) of each board, for the bare test program.
BARE_MACHINES = {
    "mps2-an385": (0x00000000, 0x20000000),
    "mps2-an386": (0x00000000, 0x20000000),
    "mps2-an500": (0x00000000, 0x20000000),
    "mps2-an505": (0x10000000, 0x38000000),
    "mps3-an547": (0x00000000, 0x20000000),
}


@dataclass(frozen=True, eq=False)
class Case:
    """A contract, its inputs, and why the case exists."""

    why: str
    contract: Contract
    inputs: tuple[np.ndarray, ...]


def failures(
    kernel: AnyKernel,
    cases: Sequence[Case],
    cpu: Cpu,
    folder: Path,
    *,
    optimize: str = "-O2",
    flags: Iterable[str] = (),
    compiler: str = "",
) -> list[str]:
    """One line per case whose bytes differ from the reference: `why: at 17: got 3, want 4`.

    Raises:
        RuntimeError: the program does not compile, or does not end by itself.
    """
    program = build(kernel, cases, cpu, folder, optimize=optimize, flags=flags, compiler=compiler)
    done = subprocess.run(run_command(program, cpu), capture_output=True, text=True, timeout=300, check=False)
    output = done.stdout + done.stderr
    if "END" not in output:
        raise RuntimeError(f"{kernel.symbol} on {cpu.name}: status {done.returncode}: {output[-2000:]}")
    failed = [line[5:].partition(" ") for line in output.splitlines() if line.startswith("FAIL ")]
    return [cases[int(number)].why + rest for number, _, rest in failed]


def build(
    kernel: AnyKernel,
    cases: Sequence[Case],
    cpu: Cpu,
    folder: Path,
    *,
    optimize: str = "-O2",
    flags: Iterable[str] = (),
    compiler: str = "",
    placed: bool = True,
) -> Path:
    """The program that runs all `cases`: `folder/cases.elf`. placed: once more for each of its `placements`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cases.c").write_text(render(kernel, cases, placed=placed))
    program = folder / "cases.elf"
    command = [compiler or cpu.compiler, *cpu.flags, *WARNINGS, optimize, "-g", *flags]
    command += [f"-I{folder}" for folder in (RUNTIME / "include", RUNTIME / "src", HERE)]
    command += ["-o", str(program), str(program.with_suffix(".c"))]
    command += [str(RUNTIME / "src" / source) for source in kernel.sources]
    if cpu.arch == "cortex-m":
        code, ram = BARE_MACHINES[cpu.emulator_board]
        command += [str(HERE / "bare_metal.c"), "-nostartfiles", "-specs=nosys.specs"]
        command += ["-T", str(HERE / "bare_metal.ld")]
        command += [f"-Wl,--defsym=CODE_BASE={code}", f"-Wl,--defsym=RAM_BASE={ram}", "-Wl,--no-warn-rwx-segments"]
    else:
        command += [str(HERE / "hosted.c")] + (["-static"] if cpu.arch == "linux" else [])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{kernel.symbol} for {cpu.name} does not compile:\n{done.stderr[-4000:]}")
    return program


def run_command(program: Path, cpu: Cpu) -> list[str]:
    """The command that runs a test program on the emulator of `cpu`."""
    if cpu.arch != "cortex-m":
        return [*cpu.emulator_command, str(program)]
    return [
        *("qemu-system-arm", "-M", cpu.emulator_board, "-display", "none", "-monitor", "none", "-serial", "none"),
        *("-semihosting-config", "enable=on,target=native", "-kernel", str(program)),
    ]


def render(kernel: AnyKernel, cases: Sequence[Case], *, placed: bool = True) -> str:
    """The C text of the program."""
    arrays: dict[tuple[str, int, bytes], str] = {}
    out: list[str] = [*(f'#include "{header}"' for header in (*kernel.headers, "test_program.h")), ""]

    def pointer(array: Array) -> str:
        key = array.key()
        if key not in arrays:
            arrays[key] = f"a{len(arrays)}"
            out.append(cgen.array(arrays[key], array, static=True))
        return arrays[key]

    body: list[str] = []
    for number, case in enumerate(cases):
        expected = case.contract.reference(*case.inputs)
        inputs = [pointer(Array(np.ascontiguousarray(x).reshape(-1), 16)) for x in case.inputs]
        want = pointer(Array(np.ascontiguousarray(expected).reshape(-1).view(np.int8), 16))
        scratch = kernel.scratch_bytes(case.contract)
        result_type = OUTPUT_TYPES[expected.dtype.name]
        for placement in [None, *(placements(kernel, case) if placed else [])]:
            operands = list(inputs)
            areas = {"test_y": expected.nbytes, "test_scratch": scratch}
            if placement is not None:
                size = case.inputs[placement.input].nbytes
                areas[placement.area] = max(areas[placement.area], placement.offset + size)
                to = f"(int8_t *){placement.area} + {placement.offset}"
                operands[placement.input] = f"test_place({inputs[placement.input]}, {size}u, {to})"
            body.append(f"    test_begin({areas['test_y']}u, {areas['test_scratch']}u);")
            for index, call in enumerate(kernel.calls(case.contract)):
                name = f"p{number}_{index}"
                if placement is None:
                    out.append(cgen.struct(call.struct, name, call.fields, pointer))
                arguments = [f"&{name}", *(operands[i] for i in call.inputs), f"({result_type} *)test_y"]
                arguments.append("test_scratch" if scratch else "0")
                body.append(f"    {cgen.kernel_call(call.symbol, call.struct, arguments, call.widen)}")
            body.append(f"    test_end({number}, {want}, {expected.nbytes}u);")
    return "\n".join([*out, "", "void test_cases(void)", "{", *body, "}", ""])


@dataclass(frozen=True)
class Placement:
    """An input that shares memory: `offset` bytes into an area, "test_y" or "test_scratch"."""

    input: int
    area: str
    offset: int


def placements(kernel: AnyKernel, case: Case) -> list[Placement]:
    """Every way in which the kernel lets an input share the memory of the output or the scratch memory."""
    found = [Placement(shared, "test_y", 0) for shared in kernel.in_place(case.contract)
             if case.inputs[shared].nbytes == case.contract.reference(*case.inputs).nbytes]  # fmt: skip
    distances = {
        "test_y": kernel.overlap_bytes(case.contract),
        "test_scratch": kernel.scratch_overlap_bytes(case.contract),
    }
    for area, distance in distances.items():
        if distance is not None:
            nearest = -(-distance // 8) * 8
            found += [Placement(0, area, nearest), Placement(0, area, nearest + 40)]
    return found
