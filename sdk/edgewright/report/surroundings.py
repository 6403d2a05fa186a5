"""Reports about what surrounds a model: targets, operators, tools, the demo."""

from __future__ import annotations

import dataclasses

from rich.console import Console

from edgewright.report.show import show
from edgewright.report.tables import facts, percent, table
from edgewright.verbs.demo import Demonstrated
from edgewright.verbs.doctor import Counting, Tools
from edgewright.verbs.ops import Operators
from edgewright.verbs.target_files import CheckedFiles, NewBoard
from edgewright.verbs.targets import Targets


@show.register
def show_targets(result: Targets, console: Console) -> None:
    """CPUs and boards."""
    cpus = [[cpu.name, cpu.summary, " ".join(cpu.isas), cpu.emulator] for cpu in result.cpus]
    table(console, "CPUs", ["name ", "what  ", "kernels ", "emulated by  "], cpus)
    rows = [
        [b.name, b.cpu, b.flash_bytes or "-", b.ram_bytes, f"{b.clock_hz / 1e6:g} MHz", b.summary]
        for b in result.boards
    ]
    table(console, "Boards", ["name ", "CPU ", "flash", "RAM", "clock", "what  "], rows)
    for problem in result.problems:
        console.print(f"not usable: {problem}", markup=False, soft_wrap=True)


@show.register
def show_checked_files(result: CheckedFiles, console: Console) -> None:
    """A line for each file."""
    for file in result.files:
        remark = f"; no source given for {', '.join(file.unsourced)}" if file.unsourced else ""
        said = "; ".join(file.problems) or f"a {file.kind} that can be used{remark}"
        console.print(f"{file.file}: {said}", markup=False, soft_wrap=True)


@show.register
def show_new_board(result: NewBoard, console: Console) -> None:
    """The file, and what to do with it."""
    console.print(f"{result.file}: fill in the numbers of the board, then:", markup=False, soft_wrap=True)
    console.print(f"edgewright targets check {result.file}", markup=False, soft_wrap=True)
    console.print(f"edgewright --targets {result.folder} compile ...", markup=False, soft_wrap=True)


@show.register
def show_operators(result: Operators, console: Console) -> None:
    """Operators and their limits."""
    rows = [dataclasses.astuple(row) for row in result.operators]
    table(console, f"{len(rows)} ONNX operators", ["operator  ", "opsets  ", "supported  ", "kernels  "], rows)


@show.register
def show_doctor(result: Tools, console: Console) -> None:
    """Tools, and the command for the missing ones."""
    rows = [[tool.command, tool.version or "MISSING", tool.purpose] for tool in result.tools]
    table(console, "Tools", ["tool ", "version  ", "needed for  "], rows)
    rows = [[row.emulator, _counts_with(row)] for row in result.counting]
    table(console, "Counting instructions", ["emulator ", "counts with  "], rows)
    console.print()
    for line in result.unknown_cpus:
        console.print(f"cannot build for {line}", markup=False, soft_wrap=True)
    if result.install:
        console.print(f"install the missing ones with: {result.install}")
    elif result.complete:
        console.print("everything is here")


def _counts_with(row: Counting) -> str:
    api = row.api
    return f"plugin API {api.used}; this QEMU has {api.least} to {api.most}" if api else str(row.problem)


@show.register
def show_demo(result: Demonstrated, console: Console) -> None:
    """The one table of the demo."""
    if result.missing_tools:
        console.print(f"no {' and no '.join(result.missing_tools)} here: the demo runs on this machine instead")
    table(
        console,
        f"{result.model} as int8 C for {result.cpu}: {result.images} test images, {result.place}",
        ["measure ", "value"],
        [
            ["float accuracy (ONNX Runtime)", percent(result.float_accuracy)],
            [f"int8 accuracy ({result.place})", percent(result.int8_accuracy)],
            ["bytes that differ from the integer reference", result.mismatched_bytes],
            ["flash", f"{result.flash_bytes:,} bytes"],
            ["RAM", f"{result.ram_bytes:,} bytes"],
            ["stack, at most", f"{result.stack_bytes:,} bytes" if result.stack_bytes else "-"],
            ["instructions per image (emulated)", result.instructions or "-"],
            ["multiply-accumulates per image", result.macs],
        ],
    )
    if result.count_problem:
        console.print(f"no count: {result.count_problem}", markup=False)
    facts(console, [("generated C", result.directory)])
