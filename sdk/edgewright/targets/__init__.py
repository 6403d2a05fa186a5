"""CPUs and boards, loaded strictly from the `targets` folder of the project and from those that a user names."""

from edgewright.targets.arch import Arch, Runs, load_arch
from edgewright.targets.board import Board, FlashTiming, Region, Uart, board_names, load_board
from edgewright.targets.cpu import CoreTiming, Cpu, CycleCheck, cpu_names, load_cpu
from edgewright.targets.flashing import ChipId, Flashing
from edgewright.targets.target import Target, all_targets, host_cpu, named_target, own_targets, resolve_target

__all__ = [
    "Arch",
    "Board",
    "ChipId",
    "CoreTiming",
    "Cpu",
    "CycleCheck",
    "FlashTiming",
    "Flashing",
    "Region",
    "Runs",
    "Target",
    "Uart",
    "all_targets",
    "board_names",
    "cpu_names",
    "host_cpu",
    "load_arch",
    "load_board",
    "load_cpu",
    "named_target",
    "own_targets",
    "resolve_target",
]
