"""The runner on the emulator of its target: a Cortex-M machine, or a Linux process in user mode."""

from enum import Enum
from pathlib import Path

from edgewright.artifact import Manifest
from edgewright.build import BuildResult
from edgewright.errors import BudgetError, ToolError, UsageError
from edgewright.run.qemu import Emulator, PipeEmulator, UartEmulator, UserEmulator
from edgewright.run.remote import RUN_S, RemoteRunner
from edgewright.targets import Target
from edgewright.targets.board import RETAINED_BYTES


class Line(Enum):
    """How a machine's program is reached: not at all, through files, which is fast, or through its UART."""

    NONE = "none"
    FILES = "files"
    UART = "uart"


#: An emulated UART takes some 20 microseconds a byte: models that exchange more than this use files.
UART_BYTES = 4096
#: The word that offers the files to the program (`targets/support/line_emulator.h`), the last retained one.
_OFFER = 0x0FF34EDA


def emulator_command(target: Target, program: Path, *, plugin: str = "", line: Line = Line.NONE) -> list[str]:
    """The command line that runs `program` on the emulator of `target`.

    plugin: argument of QEMU's -plugin option. line: for a machine; a Linux program has its standard streams.

    Raises:
        UsageError: nothing emulates the target.
    """
    extra = ["-plugin", plugin] if plugin else []
    board = target.link_board
    if board is None:
        if not target.cpu.emulator_command:
            raise UsageError(f"{target.name}: has no emulator; use place 'host'")
        return [*target.cpu.emulator_command, *extra, str(program)]
    if not board.emulator_machine:
        raise UsageError(f"{board.name}: no emulator knows this board; use place 'device:PORT'")
    offer = f"loader,addr={board.ram.end - RETAINED_BYTES + 12:#x},data={_OFFER:#x},data-len=4"
    lines = {
        Line.NONE: ("-serial", "none"),
        Line.FILES: ("-serial", "none", "-device", offer, "-semihosting-config", "enable=on,target=native"),
        Line.UART: (
            *("-chardev", "socket,id=line,fd={fd},server=on,wait=on,nodelay=on"),
            *("-serial", "chardev:line"),
        ),
    }
    machine = (*target.arch.emulator_command, "-M", board.emulator_machine, "-display", "none", "-monitor", "none")
    return [*machine, *lines[line], *extra, "-kernel", str(program)]


def start_emulator(target: Target, program: Path, line: Line = Line.FILES) -> Emulator:
    """The emulator of `target`, with `program` behind its line."""
    if target.link_board is None:
        return UserEmulator(emulator_command(target, program))
    kind = PipeEmulator if line is Line.FILES else UartEmulator
    return kind(emulator_command(target, program, line=line))


def usual_line(manifest: Manifest) -> Line:
    """The UART, as on a board; files for a model whose tensors would keep an emulated UART busy for long."""
    exchanged = sum(tensor.bytes for tensor in (*manifest.inputs, *manifest.outputs))
    return Line.UART if exchanged <= UART_BYTES else Line.FILES


def open_emulator(
    manifest: Manifest, built: BuildResult, *, line: Line | None = None, run_s: float = RUN_S
) -> RemoteRunner:
    """The runner of a built directory on its target's emulator; `line`: `usual_line` unless given.

    Raises:
        UsageError: the board has no UART.
        ToolError: the emulator is not installed.
        BudgetError: the runner does not fit the board.
        LinkError: it does not answer.
    """
    if built.elf is None:
        board = manifest.target.link_board
        if built.elf_problem:
            raise (UsageError if board and board.why_no_runner else BudgetError)(built.elf_problem)
        raise ToolError(f"{manifest.name}: a build for {manifest.target.name} has no runner; use place 'host'")
    emulator = start_emulator(manifest.target, built.elf, line or usual_line(manifest))
    try:
        link = emulator.link()
        return RemoteRunner(manifest, link, "emulator", on_close=emulator.stop, run_s=run_s, program=built.elf)
    except BaseException:
        emulator.stop()
        raise
