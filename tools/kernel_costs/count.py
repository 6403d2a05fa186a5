"""Counts the instructions of kernels on the layers of `shapes`: one program per instruction set, run under QEMU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from tests.harness.cases_by_contract import Assigned, one_kernel
from tests.harness.kernel_program import Case, build, run_command

from edgewright.build.elf import function
from edgewright.build.recipe import COMMON
from edgewright.contracts import Contract
from edgewright.errors import ToolError
from edgewright.kernels import AnyKernel, all_kernels
from edgewright.kernels.price import packed_bytes
from edgewright.profile.plugin import Call, built_plugin, parse, run_counting
from edgewright.targets import Cpu, load_cpu
from tools.kernel_costs.shapes import W4_PREFIX, layers

#: The CPU that stands for each instruction set, as a cost has no CPU: bodies in assembly cost the same on all of them,
#: portable C what the compiler makes of it.
CPUS = {
    "thumb1": "cortex-m0plus",
    "c": "cortex-m3",
    "dsp": "cortex-m4",
    "mve": "cortex-m55",
    "neon": "cortex-a53",
    "sdot": "cortex-a76",
    "armv7_neon": "cortex-a7",
}
#: What one program may hold: the code memory of the smallest board has 512 KiB.
PROGRAM_BYTES = 400_000
#: A kernel, and the name of a layer that it takes.
Run: TypeAlias = tuple[AnyKernel, str]
#: By kernel, then by layer.
Table = dict[str, dict[str, int]]


def key(kernel: AnyKernel) -> str:
    """A kernel's name in the record: bodies of two contracts may share a symbol."""
    return f"{kernel.symbol} {kernel.contract.__name__}"


def kernels(isa: str) -> list[AnyKernel]:
    """The kernels of an instruction set that execute anything."""
    return [kernel for kernel in all_kernels() if kernel.isa == isa and kernel.symbol]


def runs(isa: str) -> list[Run]:
    """What is counted: each kernel with the name of each layer that it takes.

    Layers of 4-bit weights only where a body is made for them; there the others run them, too, for comparison.
    """
    bodies = kernels(isa)
    has_w4 = any("w4" in kernel.symbol for kernel in bodies)
    names = [name for name in layers() if has_w4 or not name.startswith(W4_PREFIX)]
    return [(k, name) for k in bodies for name in names if k.refusal(layers()[name].contract) is None]


def count(chosen: Sequence[Run], cpu: Cpu, folder: Path) -> Table:
    """The instructions of each run, compiled as models are for time; files go to `folder`.

    Raises:
        ToolError: no emulator, or one that cannot count.
        RuntimeError: a program does not compile, or does not end by itself.
    """
    table: Table = {}
    for runs_of_program in _programs(chosen):
        joined = one_kernel(list(dict.fromkeys(kernel for kernel, _ in runs_of_program)))
        cases = [_assigned(kernel, layers()[name]) for kernel, name in runs_of_program]
        program = build(joined, cases, cpu, folder, flags=[*COMMON, "-Wno-error"], placed=False)
        calls = iter(_calls(program, cpu, folder))
        for kernel, name in runs_of_program:
            next(calls)  # test_begin
            jumps = sum(call.jumps for call in kernel.calls(layers()[name].contract))
            own = sum(next(calls).cost.instructions for _ in range(jumps))
            next(calls, None)  # test_end, which the last one jumps to
            table.setdefault(key(kernel), {})[name] = own
    return table


def _programs(chosen: Sequence[Run]) -> Iterator[list[Run]]:
    """The runs in as few programs as the memory of the boards asks for."""
    together: list[Run] = []
    size = 0
    for kernel, name in chosen:
        case = layers()[name]
        taken = packed_bytes(kernel, case.contract) + sum(x.nbytes for x in case.inputs) + PROGRAM_BYTES // 40
        if together and size + taken > PROGRAM_BYTES:
            yield together
            together, size = [], 0
        together.append((kernel, name))
        size += taken
    yield together


def _calls(program: Path, cpu: Cpu, folder: Path) -> tuple[Call, ...]:
    """What `test_cases` called, in order; the program ends by itself."""
    place, out = function(program, "test_cases"), folder / "counts"
    assert place
    arguments = f"out={out},lo={place.address:#x},hi={place.end:#x}"
    emulator, *rest = run_command(program, cpu)
    done = run_counting([emulator, "-plugin", f"{built_plugin(folder)},{arguments}", *rest])
    text = out.read_text() if out.exists() else ""
    if "END" not in done.stdout + done.stderr or not text.endswith("end\n"):
        raise ToolError(f"{program}: {emulator} counted nothing (status {done.returncode}): {done.stderr[-300:]}")
    return parse(text).calls


def _assigned(kernel: AnyKernel, case: Case) -> Case:
    contract: Contract = Assigned(kernel, case.contract)
    return Case(case.why, contract, case.inputs)


def cpu_of(isa: str) -> Cpu:
    """The CPU that stands for an instruction set."""
    return load_cpu(CPUS[isa])
