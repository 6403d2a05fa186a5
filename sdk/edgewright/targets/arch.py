"""An arch: how programs for its CPUs are made, started and reached."""

import os.path
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from edgewright.targets.folders import find_file
from edgewright.targets.strict import load_record


class Runs(Enum):
    """Where a program runs: on a bare board, as a process under Linux, or as a library in this process."""

    BOARD = "board"
    PROCESS = "process"
    LIBRARY = "library"


@dataclass(frozen=True)
class Arch:
    """One file of `targets/archs`. Paths in it start at the folder that holds it.

    name: file name without suffix. summary: one line for people. runs: where its programs run.
    threads: whether a layer may be shared among threads. port: C files through which the runner is reached.
    flags, link_flags: GCC's options for all its programs, beside those of the CPU.
    emulator_command: the emulator of a board's machine (board); a process has that of its CPU.
    startup: C files at the head of every program, with startup_flags; linker_template: Jinja, filled from the board;
    entry: where such a program starts (all three: board). file: where this was read.
    """

    name: str
    summary: str
    runs: Runs
    threads: bool
    port: tuple[str, ...]
    flags: tuple[str, ...] = ()
    link_flags: tuple[str, ...] = ()
    emulator_command: tuple[str, ...] = ()
    startup: tuple[str, ...] = ()
    startup_flags: tuple[str, ...] = ()
    linker_template: str = ""
    entry: str = ""
    file: Path = Path()

    def path(self, name: str) -> Path:
        """The file that it calls `name`."""
        return Path(os.path.normpath(self.file.parent / name))

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        files = (*self.startup, *self.port, *filter(None, [self.linker_template]))
        found = [f"'{name}' is not there" for name in files if not self.path(name).is_file()]
        for key in ("startup", "linker_template", "entry", "emulator_command"):
            if bool(getattr(self, key)) != (self.runs is Runs.BOARD):
                found.append(f"{key} belongs to what runs on a board, and it runs as {self.runs.value}")
        return found


def load_arch(name: str) -> Arch:
    """The arch called `name`.

    Raises:
        UsageError: there is none, or its file breaks a rule.
    """
    return load_record(Arch, find_file("archs", name))
