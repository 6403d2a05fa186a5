"""The page of boards, from `targets/boards/*.toml`: `docs/boards.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from edgewright.targets import Board, Runs, load_arch, load_cpu, own_targets

HEADER = """# Boards

Generated from `targets/boards`; `make pages` writes it again.
A model that is compiled for a board must fit its memory; `build` links its runner, which answers on the serial port
that is named here. [adding-a-board.md](adding-a-board.md) shows how to add one.

*Run* says what our tests do with a board. *emulated*: its runner answers over the UART of a QEMU machine, byte for byte
as the reference. *compiled only*: programs are compiled and linked, nothing more. **No board was run as hardware.**
QEMU has no clocks, pins or baud rates: what is written into registers before the UART is used was run nowhere.
Addresses, interrupts, pins and clock bits were compared with public device trees (Zephyr's) and headers for some
families only (G0, L4, H7, U5, nRF, RP2350); the others come from knowledge of the manuals that each file names, which
were not at hand. PLL settings are worked out by the tests from the registers' fields. Compare a board's file with its
manual before you rely on it.

"""
MEMORY = """
## Memory and clock

*holds*: where the stack, the arena and the weights of a model go. An arena goes into the first memory that is offered
and has room, else into `ram`. Kibibytes.

"""
LINUX = """
## Raspberry Pi

Programs run under Linux, emulated by QEMU in user mode.

"""


def boards_page() -> str:
    """The text of `docs/boards.md`."""
    boards = own_targets()[1]
    bare = [board for board in boards if load_arch(load_cpu(board.cpu).arch).runs is Runs.BOARD]
    rest = [board for board in boards if board not in bare]
    text = HEADER + _table(
        ["board", "what", "CPU", "serial port", "run"],
        ([_code(b.name), b.summary, _code(b.cpu), _port(b), _run(b)] for b in bare),
    )
    text += MEMORY + _table(
        ["board", "memory", "clock", "chip id"],
        ([_code(b.name), _memory(b), _clock(b), _chip(b)] for b in bare),
    )
    return (
        text
        + LINUX
        + _table(
            ["board", "what", "CPU", "memory", "clock"],
            ([_code(b.name), b.summary, _code(b.cpu), f"{b.memory_bytes >> 20:,} MiB", _mhz(b.clock_hz)] for b in rest),
        )
    )


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines).replace("| --- ", "|---").replace("--- |", "---|")


def _code(text: str) -> str:
    return f"`{text}`"


def _mhz(hz: int) -> str:
    return f"{hz / 1e6:g} MHz"


def _port(board: Board) -> str:
    uart = board.uart
    if uart is None:
        return "none"
    pins = f", TX {uart.pins.tx}, RX {uart.pins.rx}" if uart.pins else ""
    return f"{uart.name or 'UART'}{pins}, {uart.baud:,} baud (`{uart.driver}`)"


def _run(board: Board) -> str:
    if board.other_emulator:
        return f"emulated by our tests: {board.other_emulator}"
    if not board.emulator_machine:
        return "compiled only"
    since = f" where QEMU is {board.emulator_since} or newer" if board.emulator_since else ""
    return f"emulated{since}: `{board.emulator_machine}`"


def _memory(board: Board) -> str:
    parts = [f"flash {board.flash.bytes / 1024:,g} at {board.flash.base:#010x}"]
    for name, region, holds in (
        ("ram", board.ram, ["stack"] if board.stack_memory == board.ram else []),
        *((memory.name, memory, [one.value for one in memory.holds]) for memory in board.memory),
    ):
        held = f" holds {', '.join(holds)}" if holds else ""
        parts.append(f"{name} {region.bytes / 1024:,g} at {region.base:#010x}{held}")
    return "; ".join(parts)


def _clock(board: Board) -> str:
    if board.clock is None or board.clock.reset_hz == board.clock_hz:
        return _mhz(board.clock_hz)
    return f"{_mhz(board.clock_hz)} ({_mhz(board.clock.reset_hz)} after a reset)"


def _chip(board: Board) -> str:
    chip = board.chip
    if chip is None:
        return "-"
    asked = f" & {chip.id_mask:#x} = {chip.id_value:#x}" if chip.id_mask else ""
    return f"{chip.name}: [{chip.id_address:#010x}]{asked}" if asked else f"{chip.name}: cannot be asked"


if __name__ == "__main__":
    sys.stdout.write(boards_page())
