"""A CPU: its instruction sets, its compiler and what emulates it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from edgewright.paths import data_folder
from edgewright.targets.strict import load_record


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

    def __str__(self) -> str:
        if not self.figures:
            return "error not checked: no published latency of an open engine"
        return f"error {self.low_percent:+.1f} to {self.high_percent:+.1f} % on {self.figures} latencies: {self.source}"


@dataclass(frozen=True)
class Cpu:
    """One file of `targets/cpus`.

    name: file name without suffix. summary: one line for people.
    family: "cortex-m" (bare metal), "linux-arm" (a Linux process) or "host".
    isas: kernel variants to use, fastest first; always ends in "c".
    compiler: the GCC that builds for it. flags: its architecture options.
    emulator_board: board whose QEMU machine runs its code (cortex-m).
    emulator_command: command line before the program (linux-arm).
    cycle_check: the error of modelled cycles (cortex-m).
    """

    name: str
    summary: str
    family: str
    isas: tuple[str, ...]
    compiler: str
    flags: tuple[str, ...]
    emulator_board: str = ""
    emulator_command: tuple[str, ...] = ()
    cycle_check: CycleCheck = CycleCheck()

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        found = self.cycle_check.problems()
        if self.family not in ("cortex-m", "linux-arm", "host"):
            found.append(f"family '{self.family}' is none of cortex-m, linux-arm, host")
        if not self.isas or self.isas[-1] != "c":
            found.append("isas must end in 'c'")
        if self.family == "cortex-m" and not self.emulator_board:
            found.append("a cortex-m CPU needs emulator_board")
        if self.family == "linux-arm" and not self.emulator_command:
            found.append("a linux-arm CPU needs emulator_command")
        return found


def _folder() -> Path:
    return data_folder("targets") / "cpus"


def cpu_names() -> list[str]:
    """Names of all CPUs, sorted."""
    return sorted(path.stem for path in _folder().glob("*.toml"))


@cache
def load_cpu(name: str) -> Cpu:
    """The CPU called `name`.

    Raises:
        UsageError: there is none, or its file breaks a rule.
    """
    return load_record(Cpu, _folder(), name, "CPU")
