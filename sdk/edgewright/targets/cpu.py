"""A CPU: its instruction sets, its compiler and what emulates it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from edgewright.paths import data_folder
from edgewright.targets.strict import load_record


@dataclass(frozen=True)
class Cpu:
    """One file of `targets/cpus`.

    name: file name without suffix. summary: one line for people.
    family: "cortex-m" (bare metal), "linux-arm" (a Linux process) or "host".
    isas: kernel variants to use, fastest first; always ends in "c".
    compiler: the GCC that builds for it. flags: its architecture options.
    emulator_board: board whose QEMU machine runs its code (cortex-m).
    emulator_command: command line before the program (linux-arm).
    """

    name: str
    summary: str
    family: str
    isas: tuple[str, ...]
    compiler: str
    flags: tuple[str, ...]
    emulator_board: str = ""
    emulator_command: tuple[str, ...] = ()

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        found = []
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
