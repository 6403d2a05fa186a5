"""Every UART driver over memory that stands for its registers: what it writes, takes and sends.

Emulators ignore baud rates, and some families have none; the values here are worked out from the manuals by hand.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from edgewright.build.board_files import BOARD_HEADER, board_header
from edgewright.paths import data_folder
from edgewright.targets import load_board, uart_drivers

PROGRAM = Path(__file__).parents[1] / "harness" / "uart_driver_program.c"
SUPPORT = data_folder("targets") / "support"
CORTEX_M = """#include <stdint.h>
#define EW_REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
static inline void cm_barrier(void) { __sync_synchronize(); }
"""


@dataclass(frozen=True)
class Case:
    """A driver as a board has it. listening, sent: registers by offset, after the start and after sending 0x5A.

    before_take: what hardware puts into registers with a received 0xA5 and an overrun. options: see the program.
    """

    board: str
    listening: dict[int, int]
    before_take: dict[int, int]
    sent: dict[int, int]
    options: tuple[str, ...] = ()


CASES = {
    # BAUDDIV 25,000,000 / 115,200; CTRL: TX, RX and the receive interrupt.
    "cmsdk": Case("mps2-an386", {0x08: 0xB, 0x10: 217}, {0x00: 0xA5, 0x04: 0xA}, {0x00: 0x5A}),
    # BRR 42,000,000 / 115,200 = 364.6; UE, TE, RE, RXNEIE. SR: TXE, RXNE, ORE.
    "stm32_dr": Case("nucleo-f446re", {0x08: 365, 0x0C: 0x202C}, {0x00: 0xA8, 0x04: 0xA5}, {0x04: 0x5A}),
    # BRR 64,000,000 / 115,200 = 555.6; ISR as SR; the overrun is cleared in ICR.
    "stm32_rdr": Case("nucleo-g071rb", {0x00: 0x2D, 0x0C: 556}, {0x1C: 0xA8, 0x24: 0xA5}, {0x20: 8, 0x28: 0x5A}),
    # BRR 256 * 80,000,000 / 115,200 = 177,777.8.
    "stm32_lpuart": Case("nucleo-l4r5zi", {0x00: 0x2D, 0x0C: 177778}, {0x1C: 0xA8, 0x24: 0xA5}, {0x20: 8, 0x28: 0x5A}),
    # 125,000,000 / (16 * 115,200) = 67 + 52 / 64; 8 bits with FIFO; UARTEN, TXE, RXE; RX and timeout interrupts.
    "pl011": Case(
        "pico",
        {0x24: 67, 0x28: 52, 0x2C: 0x70, 0x30: 0x301, 0x38: 0x50},
        {0x00: 0x8A5, 0x18: 0},
        {0x00: 0x5A, 0x44: 0x50},
    ),
    # 115,200 * 2^32 / 16,000,000 in steps of 4096; pins P0.06 and P1.08; ENABLE 4; INTENSET: RXDRDY.
    "nrf": Case(
        "microbit-v2",
        {0x500: 4, 0x50C: 6, 0x514: 40, 0x508: 0xFFFF_FFFF, 0x510: 0xFFFF_FFFF, 0x524: 0x01D7_E000, 0x304: 4, 0x000: 1},
        {0x108: 1, 0x480: 1, 0x518: 0xA5},
        {0x108: 0, 0x51C: 0x5A},
        ("-DEW_SENT=0x11C",),
    ),
    # The manual's value for 115,200; ENABLE 8; INTENSET: ENDRX; one byte at a time.
    "nrf_dma": Case(
        "nrf5340dk",
        {0x500: 8, 0x50C: 20, 0x514: 22, 0x524: 0x01D6_0000, 0x304: 0x10, 0x538: 1, 0x548: 1, 0x000: 1},
        {0x000: 0, 0x110: 1, 0x480: 1},
        {0x000: 1, 0x008: 1, 0x110: 0},
        ("-DEW_SENT=0x120", "-DEW_RX_POINTER=0x534"),
    ),
}


def registers(line: str) -> dict[int, int]:
    return {int(at, 16): int(value, 16) for at, value in re.findall(r"(\w+)=(\w+)", line)}


def test_every_driver_has_a_case() -> None:
    assert sorted(CASES) == uart_drivers()


@pytest.mark.parametrize("driver", CASES)
def test_a_driver_does_what_the_manual_says(driver: str, tmp_path: Path) -> None:
    case = CASES[driver]
    board = load_board(case.board)
    assert board.uart
    assert board.uart.driver == driver
    # Beside a cortex_m.h without instructions of that core.
    for name in ("uart.h", "board.h", *(path.name for path in SUPPORT.glob("uart_*.c"))):
        shutil.copy(SUPPORT / name, tmp_path)
    (tmp_path / "cortex_m.h").write_text(CORTEX_M)
    (tmp_path / BOARD_HEADER).write_text(board_header(board))
    shutil.copy(PROGRAM, tmp_path / "program.c")
    offsets = dict.fromkeys([*case.listening, *case.sent])
    defines = {
        "EW_OFFSETS": ", ".join(f"{offset:#x}u" for offset in offsets),
        "EW_BEFORE_TAKE": ", ".join(f"{{{offset:#x}u, {value:#x}u}}" for offset, value in case.before_take.items()),
    }
    command = ["gcc", "-std=gnu11", "-Wall", "-Werror", "-O1", "-no-pie", "-pthread", *case.options]
    command += [f"-D{key}={value}" for key, value in defines.items()]
    command += ["program.c", f"uart_{driver}.c", "-o", "program"]
    subprocess.run(command, cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "program"], capture_output=True, text=True, check=True, timeout=60)
    listening, took, sent = done.stdout.splitlines()
    assert {at: value for at, value in registers(listening).items() if at in case.listening} == case.listening
    assert took == f"took {0xA5}, lost 1"
    assert {at: value for at, value in registers(sent).items() if at in case.sent} == case.sent
