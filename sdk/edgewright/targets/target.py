"""What a model is compiled for: a CPU, or a board with its CPU."""

import difflib
from dataclasses import dataclass

from edgewright.errors import UsageError
from edgewright.targets.board import Board, board_names, load_board
from edgewright.targets.cpu import Cpu, cpu_names, load_cpu


@dataclass(frozen=True)
class Target:
    """A CPU and, when one was named, the board whose memory sets the limits."""

    cpu: Cpu
    board: Board | None = None

    @property
    def name(self) -> str:
        return self.board.name if self.board else self.cpu.name

    @property
    def link_board(self) -> Board | None:
        """The board whose memory map programs are linked for: for a bare CPU the one that emulates it.

        None for a CPU that runs Linux.
        """
        if self.board or self.cpu.family != "cortex-m":
            return self.board
        return load_board(self.cpu.emulator_board)


def resolve_target(name: str) -> Target:
    """The target called `name`, a CPU or a board.

    Raises:
        UsageError: it is neither, or its file breaks a rule.
    """
    if name in cpu_names():
        return Target(load_cpu(name))
    if name in board_names():
        board = load_board(name)
        return Target(load_cpu(board.cpu), board)
    known = cpu_names() + board_names()
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean '{close[0]}'?" if close else ""
    raise UsageError(f"{name}: no such CPU or board{hint}; known: {', '.join(known)}")
