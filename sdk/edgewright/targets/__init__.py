"""CPUs and boards, loaded strictly from the `targets` folder of the project."""

from edgewright.targets.board import Board, FlashTiming, Region, Uart, board_names, load_board
from edgewright.targets.cpu import Cpu, CycleCheck, cpu_names, load_cpu
from edgewright.targets.target import Target, resolve_target

__all__ = [
    "Board",
    "Cpu",
    "CycleCheck",
    "FlashTiming",
    "Region",
    "Target",
    "Uart",
    "board_names",
    "cpu_names",
    "load_board",
    "load_cpu",
    "resolve_target",
]
