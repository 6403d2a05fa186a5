"""Which outside tools are here, what each is for, and the command that installs the missing ones."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess

from edgewright.build.tools import check_compiler
from edgewright.errors import ToolError
from edgewright.profile import counting_api
from edgewright.targets import all_targets
from edgewright.targets.toolchains import Tool, When, load_tools


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


def counting() -> list[dict[str, object]]:
    """Which emulators that are here count instructions: the versions of the plugin interface, or why not."""
    rows: list[dict[str, object]] = []
    emulators = [tool.command for tool in load_tools() if tool.command.startswith("qemu-")]
    for command in filter(shutil.which, emulators):
        try:
            rows.append({"emulator": command, "api": dataclasses.asdict(counting_api(command)), "problem": None})
        except ToolError as error:
            rows.append({"emulator": command, "api": None, "problem": str(error)})
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


def examine() -> dict[str, object]:
    """The document of `edgewright doctor`."""
    tools = [tool for tool in load_tools() if tool.when is When.USE]
    versions = {tool.command: find(tool) for tool in tools}
    missing = sorted({package for tool in tools if not versions[tool.command] for package in tool.packages})
    unknown = unknown_cpus()
    return {
        "tools": [
            {
                "command": tool.command,
                "purpose": tool.purpose,
                "version": versions[tool.command],
                "package": " ".join(tool.packages),
            }
            for tool in tools
        ],
        "unknown_cpus": unknown,
        "counting": counting(),
        "complete": not missing and not unknown,
        "install": f"apt-get install {' '.join(missing)}" if missing else "",
    }
