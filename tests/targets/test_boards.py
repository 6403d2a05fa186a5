"""Boards and targets: every file loads, and what is wrong in one is said."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path
from typing import Any

import pytest

import edgewright
from edgewright.build.board_files import linker_script
from edgewright.errors import UsageError
from edgewright.targets import (
    Board,
    CycleCheck,
    FlashTiming,
    Region,
    Uart,
    board_names,
    cpu_names,
    load_board,
    load_cpu,
    own_targets,
    resolve_target,
    uart_drivers,
)
from edgewright.targets.strict import from_table, load_record


@pytest.mark.parametrize("name", board_names())
def test_every_board_loads(name: str) -> None:
    board = load_board(name)
    assert board.problems() == []
    assert name.startswith("mps") or board.unsourced() == [], "each fact says where it is written down"
    if load_cpu(board.cpu).arch == "cortex-m":
        script = linker_script(board)
        assert f"ORIGIN = {board.flash.base:#010x}" in script
        assert "{{" not in script
    else:
        assert resolve_target(name).link_board is None


def test_every_cortex_m_has_a_board_that_emulates_it() -> None:
    for name in cpu_names():
        target = resolve_target(name)
        if target.cpu.arch == "cortex-m":
            assert target.board is None
            assert target.link_board
            assert target.link_board.emulator_machine
        else:
            assert target.link_board is None


def test_a_target_is_a_cpu_or_a_board() -> None:
    assert resolve_target("cortex-m4").name == "cortex-m4"
    board = resolve_target("microbit")
    assert (board.name, board.cpu.name) == ("microbit", "cortex-m0plus")
    assert board.link_board is board.board
    with pytest.raises(UsageError, match="mps2-an385s: no such CPU or board; did you mean 'mps2-an385'"):
        resolve_target("mps2-an385s")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cpu": "cortex-m99"}, "cpu 'cortex-m99' is none of"),
        ({"cpu": "x86-64"}, "is not a cortex-m, and runs no Linux"),
        ({"stack_bytes": 1001}, "multiple of 8"),
        ({"stack_bytes": 1 << 30}, "inside its memory"),
        ({"clock_hz": 0}, "must be positive"),
        ({"ram": Region(0x100, 0x10000)}, "flash and ram overlap"),
        ({"flash": Region(0x1, 0x10000)}, "flash base 0x1 must be a multiple of 4"),
        ({"ram": Region(0x2000_0000, 0xF000_0000)}, "ram ends at 0x110000000, beyond 32 bits of address"),
        ({"flash_timing": FlashTiming(wait_states=-1)}, "wait_states -1 is negative"),
        ({"flash_timing": FlashTiming(line_bytes=12)}, "line_bytes 12 must be a power of two"),
        ({"flash_timing": FlashTiming(code_lines=0)}, "code_lines of 1 or more"),
        ({"flash_timing": FlashTiming(code_lines=8, data_lines=3, ways=2)}, "multiples of its 2 ways"),
    ],
    ids=[
        *("unknown cpu", "linux cpu", "odd stack", "large stack", "no clock", "overlap", "odd flash", "endless ram"),
        *("negative waits", "odd line", "no lines", "broken ways"),
    ],
)
def test_a_board_that_cannot_be_is_refused(change: dict[str, Any], message: str) -> None:
    problems = dataclasses.replace(load_board("mps2-an386"), **change).problems()
    assert len(problems) == 1
    assert message in problems[0]


def test_uart_drivers_must_exist() -> None:
    board = load_board("mps2-an386")
    assert board.uart is not None
    uart = dataclasses.replace(board.uart, driver="pigeon", irq=-1)
    assert dataclasses.replace(board, uart=uart).problems() == [
        f"uart driver 'pigeon' is none of {', '.join(uart_drivers())}",
        "uart irq -1 must be between 0 and 479",
    ]


@pytest.mark.parametrize(
    ("driver", "clock_hz", "baud", "actual"),
    [
        ("stm32_dr", 8_000_000, 115_200, 115_942),  # / 69
        ("stm32_dr", 8_000_000, 921_600, 888_889),  # / 9, 3.6 % off
        ("stm32_lpuart", 4_000_000, 115_200, 115_199),  # / (8889 / 256)
        ("pl011", 125_000_000, 115_200, 115_207),  # / (4340 / 4)
        ("nrf", 16_000_000, 921_600, 921_600),
    ],
)
def test_a_baud_rate_that_the_clock_cannot_make_is_refused(driver: str, clock_hz: int, baud: int, actual: int) -> None:
    uart = Uart(driver, 0x4000_0000, 1, clock_hz, baud)
    assert uart.actual_baud == actual
    refused = [
        f"uart baud {baud} from clock_hz {clock_hz} is {actual}, more than 2% off; take another baud rate or clock"
    ]
    assert uart.problems() == (refused if actual == 888_889 else [])


def test_a_flash_timing_and_a_cycle_check_are_read_strictly() -> None:
    timing = from_table(FlashTiming, {"wait_states": 5, "line_bytes": 16, "prefetch": False}, "mine")
    assert timing == FlashTiming(5, 16, prefetch=False)
    with pytest.raises(UsageError, match="mine: unknown key 'wait_state'; did you mean 'wait_states'"):
        from_table(FlashTiming, {"wait_state": 5}, "mine")
    with pytest.raises(UsageError, match="'low_percent' must be float, not str"):
        from_table(CycleCheck, {"low_percent": "-5"}, "mine")
    assert CycleCheck(3, 1.0, -1.0, "x").problems() == ["cycle_check low_percent 1.0 is above high_percent -1.0"]
    assert CycleCheck(figures=3).problems() == ["cycle_check needs figures and their source, or neither"]


def test_a_misspelt_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('clokc_hz = 1\nsummary = ""\n')
    with pytest.raises(UsageError, match=r"mine\.toml: unknown key 'clokc_hz'; did you mean 'clock_hz'\?"):
        load_record(Board, tmp_path / "mine.toml")


def test_nested_tables_are_checked_too() -> None:
    with pytest.raises(UsageError, match="'ram': key 'bytes' is missing"):
        from_table(
            Board,
            {
                **{key: getattr(load_board("microbit"), key) for key in ("name", "summary", "cpu", "clock_hz")},
                "stack_bytes": 1024,
                "flash": {"base": 0, "bytes": 1},
                "ram": {"base": 0},
                "uart": {"driver": "cmsdk", "base": 0, "irq": 0, "clock_hz": 1},
            },
            "board",
        )


def test_python_names_no_cpu() -> None:
    """Whatever depends on a CPU stands in its file; the demo's choice of one is the exception."""
    known = {cpu.name for cpu in own_targets()[0]}
    named = {
        f"{path.name}: {node.value}"
        for path in Path(edgewright.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in known
    }
    assert named == {"demo.py: cortex-m4"}
