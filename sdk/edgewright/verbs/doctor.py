"""`doctor`: which outside tools are here, what each is for, and the command that installs the missing ones."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass

from edgewright.build.tools import check_compiler
from edgewright.errors import ToolError
from edgewright.profile import CountingApi, counting_api
from edgewright.targets import all_targets
from edgewright.targets.toolchains import Tool, When, load_tools
from edgewright.verbs.record import Record


@dataclass(frozen=True)
class FoundTool:
    """A tool. version: its own first line about itself, None when it is not here. package: those that bring it."""

    command: str
    purpose: str
    version: str | None
    package: str


@dataclass(frozen=True)
class Counting:
    """How an emulator that is here counts instructions, or the problem that it has with that."""

    emulator: str
    api: CountingApi | None
    problem: str | None


@dataclass(frozen=True)
class Tools(Record):
    """All tools that a user needs. unknown_cpus: a line for each CPU whose compiler is here and does not know it.

    complete: whether nothing is missing. install: the command that brings the missing tools, or "".
    """

    tools: tuple[FoundTool, ...]
    unknown_cpus: tuple[str, ...]
    counting: tuple[Counting, ...]
    complete: bool
    install: str

    def check(self) -> None:
        """Raise ToolError when a tool is missing or too old."""
        missing = [f"{tool.command}: missing" for tool in self.tools if not tool.version]
        if not self.complete:
            install = (f"install with: {self.install}",) if self.install else ()
            raise ToolError("; ".join((*missing, *self.unknown_cpus, *install)))


def doctor() -> Tools:
    """Which tools are here; Raises as `find`."""
    tools = [tool for tool in load_tools() if tool.when is When.USE]
    found = tuple(FoundTool(tool.command, tool.purpose, find(tool), " ".join(tool.packages)) for tool in tools)
    missing = sorted({name for tool in found if not tool.version for name in tool.package.split()})
    unknown = tuple(unknown_cpus())
    install = f"apt-get install {' '.join(missing)}" if missing else ""
    return Tools(found, unknown, tuple(counting()), not missing and not unknown, install)


def find(tool: Tool) -> str | None:
    """The first line of the tool's own version, None when it is not here.

    Raises:
        ToolError: it is here and does not run.
    """
    path = shutil.which(tool.command)
    if path is None:
        return None
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"{tool.command}: does not run: {error}") from None
    return (done.stdout or done.stderr).strip().split("\n")[0]


def counting() -> list[Counting]:
    """How each emulator that is here counts instructions."""
    rows = []
    emulators = [tool.command for tool in load_tools() if tool.command.startswith("qemu-")]
    for command in filter(shutil.which, emulators):
        try:
            rows.append(Counting(command, counting_api(command), None))
        except ToolError as error:
            rows.append(Counting(command, None, str(error)))
    return rows


def unknown_cpus() -> list[str]:
    """A line for each CPU whose compiler is here and does not know it."""
    found = []
    for cpu in all_targets()[0]:
        try:
            if shutil.which(cpu.compiler):
                check_compiler(cpu)
        except ToolError as error:
            found.append(str(error))
    return found
