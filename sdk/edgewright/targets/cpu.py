"""A CPU: its instruction sets, its compiler and what emulates it."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgewright.targets import folders
from edgewright.targets.arch import Runs, load_arch
from edgewright.targets.strict import load_record


@dataclass(frozen=True)
class CoreTiming:
    """Cycles of a core; refill: after a taken branch. overlap: neighbouring loads and stores share a cycle.

    mla, long_multiply: multiply-accumulate, and multiplication with a 64-bit result. call: before the refill.
    simple_bus: a load never shares a cycle with the store before it, an address that the instruction before computed
    costs a cycle, and so does an offset in a register of a store that follows no load. wide_refill: more refill when
    the target of the branch is a 32-bit instruction across a word boundary. split: per access that unaligned data
    takes beyond the first.
    """

    refill: int
    load: int = 2
    store: int = 1
    mla: int = 1
    long_multiply: int = 1
    divide: int = 8
    call: int = 1
    overlap: bool = True
    dual_issue: bool = False
    simple_bus: bool = False
    wide_refill: int = 0
    split: int = 1

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        numbers = {name: value for name, value in vars(self).items() if type(value) is int}
        return [f"core_timing {name} {value} is negative" for name, value in numbers.items() if value < 0]


@dataclass(frozen=True)
class CycleCheck:
    """How far modelled cycles are from published latencies of programs whose code is open; docs/cycles.md.

    figures: how many were compared, 0 for none. low_percent, high_percent: the range of (modelled - published) /
    published. source: whose latencies, on which boards.
    """

    figures: int = 0
    low_percent: float = 0.0
    high_percent: float = 0.0
    source: str = ""

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        found = []
        if self.figures < 0 or bool(self.figures) != bool(self.source):
            found.append("cycle_check needs figures and their source, or neither")
        if self.low_percent > self.high_percent:
            found.append(f"cycle_check low_percent {self.low_percent} is above high_percent {self.high_percent}")
        return found

    def to_json(self) -> dict[str, Any]:
        """The numbers, and the sentence as `text`."""
        return {**asdict(self), "text": str(self)}

    def __str__(self) -> str:
        if not self.figures:
            return "error not checked: no published latency of an open engine"
        return f"error {self.low_percent:+.1f} to {self.high_percent:+.1f} % on {self.figures} latencies: {self.source}"


@dataclass(frozen=True)
class Cpu:
    """One file of `targets/cpus`.

    name: file name without suffix. summary: one line for people. arch: how its programs are made, a file of
    `targets/archs`. isas: kernel variants to use, fastest first; always ends in "c".
    compiler: the GCC that builds for it. flags: its architecture options.
    emulator_board: board whose QEMU machine runs its code (of an arch that runs on boards).
    emulator_command: command line before the program (of one that runs as a process).
    core_timing: for modelled cycles, None where nobody knows. cycle_check: how far off those are.
    file: where this was read.
    """

    name: str
    summary: str
    arch: str
    isas: tuple[str, ...]
    compiler: str
    flags: tuple[str, ...]
    emulator_board: str = ""
    emulator_command: tuple[str, ...] = ()
    core_timing: CoreTiming | None = None
    cycle_check: CycleCheck = CycleCheck()
    file: Path = Path()

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        found = self.cycle_check.problems() + (self.core_timing.problems() if self.core_timing else [])
        if self.arch not in folders.names("archs"):
            return [*found, f"arch '{self.arch}' is none of {', '.join(folders.names('archs'))}"]
        if not self.isas or self.isas[-1] != "c":
            found.append("isas must end in 'c'")
        runs = load_arch(self.arch).runs
        if runs is Runs.BOARD and self.emulator_board not in folders.names("boards"):
            found.append(f"emulator_board '{self.emulator_board}' is no board; a {self.arch} CPU needs one")
        if runs is Runs.PROCESS and not self.emulator_command:
            found.append(f"a {self.arch} CPU needs emulator_command")
        return found


def cpu_names() -> list[str]:
    """Names of all CPUs, sorted."""
    return folders.names("cpus")


def load_cpu(name: str) -> Cpu:
    """The CPU called `name`.

    Raises:
        UsageError: there is none, or its file breaks a rule.
    """
    return load_record(Cpu, folders.find_file("cpus", name))
