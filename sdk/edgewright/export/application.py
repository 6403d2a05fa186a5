"""A small firmware project around a model: main loop, UART, startup and linker script of a board; Make and CMake."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from edgewright.artifact.layout import RUNNER_PROGRAM, RUNTIME
from edgewright.build.board_files import LINKER_SCRIPT
from edgewright.build.recipe import Program, Recipe, Unit, recipe
from edgewright.cgen.template import fill
from edgewright.errors import UsageError
from edgewright.export.example import sample_file, sample_header
from edgewright.export.format import Files
from edgewright.export.model import ExportedModel
from edgewright.export.templates import CMAKE, MAIN, MAKEFILE, README, SAY_C, SAY_H, TOOLCHAIN
from edgewright.targets import Board, Runs, load_board, named_target

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
#: Of the parts of the validation firmware, what an application talks through.
LINE = "line_uart.c"
DRIVER = "uart_"


@dataclass(frozen=True)
class Part:
    """A file of `board/` that is compiled, and its options beyond those of all."""

    file: str
    flags: tuple[str, ...]


def on_board(model: ExportedModel, board: str | None) -> ExportedModel:
    """The model for `board`; None: the one that it was compiled for, or the one that emulates its CPU.

    Raises:
        UsageError: there is no such board, it has another CPU, or a program cannot print there.
    """
    target = model.manifest.target
    if target.arch.runs is not Runs.BOARD:
        what = f"{model.name}: compiled for {target.name}, which is no bare board"
        raise UsageError(f"{what}; `export --to raspberry-pi` is for Linux, or compile it for a Cortex-M")
    if board is not None:
        load_board(board)  # a name that stands for no board
    named = board or (target.link_board.name if target.link_board else None)
    placed = named_target(target.cpu.name, named)
    there = placed.board
    assert there is not None
    if there.cpu != target.cpu.name:
        raise UsageError(
            f"{there.name} has a {there.cpu}, the model was compiled for {target.cpu.name};"
            f" compile it with -t {there.name}"
        )
    if there.uart is None:
        raise UsageError(f"{there.name}: names no uart, on which the application could speak; choose another board")
    return replace(model, manifest=replace(model.manifest, target=placed))


def application(model: ExportedModel) -> Files:
    """Every file of the project for the board of `model`; see `on_board`."""
    plan, board = recipe(model.manifest), model.manifest.target.board
    assert board is not None
    parts, files = _board_files(plan)
    words = {
        "name": model.name,
        "macro": model.macro,
        "version": model.manifest.edgewright,
        "board": board.name,
        "summary": board.summary,
        "machine": board.emulator_machine,
        "compiler": plan.compiler,
        "prefix": plan.compiler.removesuffix("gcc"),
        "flags": model.manifest.target.cpu.flags,
        "optimize": model.manifest.optimize,
        "link": [flag for flag in _runner(plan).link_flags if flag not in ("-T", LINKER_SCRIPT)],
        "script": LINKER_SCRIPT,
        "parts": parts,
        "sources": model.sources_in("model"),
        "kernels": [source for source in model.sources_in("model") if source.startswith(f"model/{RUNTIME}/")],
        "sample": sample_file(model),
        "is_class": model.manifest.outputs[0].dtype == "int32",
        "inputs": len(model.manifest.inputs),
        "baud": _baud(board),
    }
    return {
        **model.tree("model"),
        **{f"board/{name}": text for name, text in files.items()},
        "src/main.c": fill(MAIN, **words),
        "src/say.c": fill(SAY_C, **words),
        "src/say.h": fill(SAY_H, **words),
        f"src/{sample_file(model)}": sample_header(model),
        "Makefile": fill(MAKEFILE, **words),
        "CMakeLists.txt": fill(CMAKE, **words),
        "toolchain.cmake": fill(TOOLCHAIN, **words),
        "README.md": fill(README, **words),
    }


def _baud(board: Board) -> int:
    assert board.uart is not None
    return board.uart.baud


def _runner(plan: Recipe) -> Program:
    return next(program for program in plan.programs if program.output == RUNNER_PROGRAM)


def _board_files(plan: Recipe) -> tuple[list[Part], dict[str, str]]:
    """What of the validation firmware starts a program and speaks, and every file that it includes, by name."""
    units = {Path(unit.source).name: unit for unit in _runner(plan).units if Path(unit.source).is_absolute()}
    wanted = [name for name, unit in units.items() if unit.part == "startup" or name.startswith(DRIVER) or name == LINE]
    files = {LINKER_SCRIPT: plan.files[LINKER_SCRIPT]}
    parts: list[Part] = []
    folders = [Path(unit.source).parent for unit in units.values()]
    while wanted:
        name = wanted.pop(0)
        if name in files:
            continue
        files[name] = _text(name, units, plan, folders)
        if name in units:
            parts.append(Part(name, _own_flags(units[name])))
        for header in INCLUDE.findall(files[name]):
            wanted += [header, *([body] if (body := f"{Path(header).stem}.c") in units else [])]
    return parts, files


def _text(name: str, units: dict[str, Unit], plan: Recipe, folders: list[Path]) -> str:
    if name in plan.files:
        return plan.files[name]
    if name in units:
        return Path(units[name].source).read_text(encoding="utf-8")
    return next(folder / name for folder in folders if (folder / name).is_file()).read_text(encoding="utf-8")


def _own_flags(unit: Unit) -> tuple[str, ...]:
    return tuple(flag for flag in unit.flags if not flag.startswith("-O"))
