"""The outside programs that Edgewright calls: `targets/toolchains.toml`."""

import tomllib
from dataclasses import dataclass
from enum import Enum

from edgewright.paths import data_folder
from edgewright.targets.strict import from_table

FILE = "toolchains.toml"


class When(Enum):
    """Who needs a program: every user, who works on Edgewright itself, or who asks for one thing."""

    USE = "use"
    DEVELOPMENT = "development"
    ASKED = "asked"


@dataclass(frozen=True)
class Tool:
    """command: on the PATH. packages: of Debian, that bring it. purpose: what is impossible without it."""

    command: str
    packages: tuple[str, ...]
    purpose: str
    when: When

    def brings(self, command: str) -> bool:
        """Whether `command` comes with it: the tools of a cross compiler share its prefix."""
        prefix = self.command.removesuffix("gcc") if self.command.endswith("-gcc") else ""
        return command == self.command or (bool(prefix) and command.startswith(prefix))


@dataclass(frozen=True)
class _File:
    tool: tuple[Tool, ...]


def load_tools() -> tuple[Tool, ...]:
    """All programs, in the order of the file.

    Raises:
        UsageError: a key is unknown, missing or of another type.
    """
    text = (data_folder("targets") / FILE).read_text(encoding="utf-8")
    file: _File = from_table(_File, tomllib.loads(text), FILE)
    return file.tool
