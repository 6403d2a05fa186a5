"""A programmer: one tool that writes programs to boards, described by the commands it is given and what it answers."""

from __future__ import annotations

import re
import shlex
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import ClassVar

from edgewright.errors import EdgewrightError, LinkError
from edgewright.flash.files import ImageFiles
from edgewright.flash.image import Image
from edgewright.targets import ChipId, Flashing, Target


class Does(Enum):
    """What a step is for."""

    IDENTIFY = "identify"
    WRITE = "write"
    VERIFY = "verify"
    START = "start"


@dataclass(frozen=True)
class Job:
    """What goes where. port: the probe's serial number, a volume, a host or HOST:PORT, "" for the only one there is.

    image is None for a program that runs under Linux. chip: the board's, for people; chip_id: how it is recognised,
    where a word in its memory tells.
    """

    name: str
    target: Target
    flashing: Flashing
    image: Image | None
    files: ImageFiles
    port: str = ""
    chip: str = ""
    chip_id: ChipId | None = None

    @property
    def start(self) -> int:
        """The address that its BIN file begins at."""
        return self.image.segments[0].address if self.image else 0


@dataclass(frozen=True)
class Step:
    """One command of a job.

    script: a file that the command reads, and its text. says: a pattern that its output has when it succeeded;
    never_says: one that it then does not have: the status of some tools says nothing. writing: what it says when it
    begins to write, "" when it says nothing. verifies: whether it compares what was written.
    """

    does: Does
    command: tuple[str, ...]
    script: tuple[Path, str] | None = None
    says: str = ""
    never_says: str = ""
    writing: str = ""
    verifies: bool = False

    def may_have_written(self, said: str) -> bool:
        """Whether the flash may have changed when it ended, having said `said`."""
        began = not self.writing or re.search(self.writing, said, re.MULTILINE) is not None
        return self.does in (Does.WRITE, Does.VERIFY) and began

    def __str__(self) -> str:
        return shlex.join(self.command)


@dataclass(frozen=True)
class Complaint:
    """What a tool's output means. pattern: looked for without regard to case. what: the problem and what to do."""

    pattern: str
    what: str
    error: type[EdgewrightError] = LinkError


#: What the complaints of several tools come down to.
NO_CHIP = "the probe does not reach the chip; check power and the SWD cable"
DIFFERS = "what is in flash differs from what was written"


@dataclass(frozen=True)
class Probe:
    """A board or probe that was found: `port` selects it, `what` describes it."""

    port: str
    what: str = ""

    def __str__(self) -> str:
        return f"{self.port} ({self.what})" if self.what else self.port


class Programmer(ABC):
    """name: as `--runner` has it. program: looked for on PATH. obtain: how to get it. docs: where its command line is
    described. wants_hex, wants_uf2: the files it reads beside ELF and BIN. timeout_s: the longest that a step may take.
    """

    name: ClassVar[str]
    program: ClassVar[str]
    obtain: ClassVar[str]
    docs: ClassVar[str]
    wants_hex: ClassVar[bool] = False
    wants_uf2: ClassVar[bool] = False
    #: What `port` is, when it cannot be done without; "" where the tool finds the only board there is by itself.
    needs_port: ClassVar[str] = ""
    port_form: ClassVar[str] = r".+"
    timeout_s: ClassVar[float] = 120.0
    complaints: ClassVar[tuple[Complaint, ...]] = ()

    def survey(self) -> tuple[str, ...]:
        """The command that lists what is connected; empty when the tool has none."""
        return ()

    def found(self, said: str) -> list[Probe]:
        """What the survey's output lists."""
        raise NotImplementedError(self.name)

    @abstractmethod
    def steps(self, job: Job) -> list[Step]:
        """The commands, in order: who is there, write, compare, start."""

    def chip(self, job: Job, said: str) -> tuple[str, bool] | None:
        """Which chip an output of IDENTIFY names, and whether it is the right one; None when it names none."""
        return None

    def after(self, job: Job) -> None:  # noqa: B027 - most have nothing to wait for
        """Wait for what must still happen behind the last step; raises when it does not."""


def word_of_chip(job: Job, said: str, pattern: str) -> tuple[str, bool] | None:
    """Judge the first group of `pattern` in `said`, a hexadecimal word that was read at `chip_id.address`."""
    wanted = job.chip_id
    found = re.search(pattern, said, re.IGNORECASE | re.MULTILINE)
    if wanted is None or found is None:
        return None
    word = int(found[1], 16)
    return f"id {word & wanted.mask:#x} (wanted {wanted.value:#x})", wanted.is_in(word)


@dataclass
class Outcome:
    """What was done. chip: as the tool tells it, None when it does not."""

    chip: str | None = None
    verified: bool = False
    said: list[str] = field(default_factory=list)
