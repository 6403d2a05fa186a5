"""CPUs and boards, loaded strictly from the `targets` folder of the project and from those that a user names."""

from edgewright.targets.arch import Arch, Runs, load_arch
from edgewright.targets.board import Board, Chip, Clock, FlashTiming, board_names, load_board
from edgewright.targets.cpu import CoreTiming, Cpu, CycleCheck, cpu_names, load_cpu
from edgewright.targets.flashing import ChipId, Flashing
from edgewright.targets.memory import Holds, Memory, Region
from edgewright.targets.pins import Pins
from edgewright.targets.startup import Step
from edgewright.targets.target import (
    Target,
    all_targets,
    host_cpu,
    named_target,
    own_targets,
    portable_cpu,
    resolve_target,
)
from edgewright.targets.uart import Uart, uart_drivers

__all__ = [
    "Arch",
    "Board",
    "Chip",
    "ChipId",
    "Clock",
    "CoreTiming",
    "Cpu",
    "CycleCheck",
    "FlashTiming",
    "Flashing",
    "Holds",
    "Memory",
    "Pins",
    "Region",
    "Runs",
    "Step",
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
    "portable_cpu",
    "resolve_target",
    "uart_drivers",
]
