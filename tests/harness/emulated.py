"""The boards that the installed QEMU has: 7.2 lacks olimex-stm32-h405 (8.0)."""

import re
import subprocess

from edgewright.targets import Board, board_names, load_board


def _version() -> tuple[int, ...]:
    """Of QEMU, as (7, 2); of a machine without it, as if it were very new, so that tests say what is missing."""
    try:
        said = subprocess.run(["qemu-system-arm", "--version"], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        return (999,)
    found = re.search(r"version (\d+)\.(\d+)", said)
    assert found, said
    return tuple(map(int, found.groups()))


def is_emulated(board: Board) -> bool:
    """Whether the installed QEMU has its machine."""
    since = tuple(map(int, board.emulator_since.split("."))) if board.emulator_since else (0,)
    return bool(board.emulator_machine) and since <= _version()


EMULATED_BOARDS = [name for name in board_names() if is_emulated(load_board(name))]
