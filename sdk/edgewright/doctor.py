"""Which outside tools are here, what each is for, and the command that installs the missing ones."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from dataclasses import dataclass

from edgewright.errors import ToolError
from edgewright.profile import counting_api


@dataclass(frozen=True)
class Tool:
    """command: on the PATH. package: the Debian package that brings it. purpose: what is impossible without it."""

    command: str
    package: str
    purpose: str


TOOLS = (
    Tool("gcc", "gcc libc6-dev", "running models on this machine, counting instructions"),
    Tool("arm-none-eabi-gcc", "gcc-arm-none-eabi libnewlib-arm-none-eabi", "building for Cortex-M"),
    Tool("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu libc6-dev-arm64-cross", "building for 64-bit Raspberry Pi"),
    Tool(
        "arm-linux-gnueabihf-gcc", "gcc-arm-linux-gnueabihf libc6-dev-armhf-cross", "building for 32-bit Raspberry Pi"
    ),
    Tool(
        "arm-linux-gnueabi-gcc", "gcc-arm-linux-gnueabi libc6-dev-armel-cross", "building for Raspberry Pi Zero and 1"
    ),
    Tool("qemu-system-arm", "qemu-system-arm", "emulating Cortex-M boards"),
    Tool("qemu-aarch64", "qemu-user", "emulating 64-bit Raspberry Pi"),
    Tool("qemu-arm", "qemu-user", "emulating 32-bit Raspberry Pi"),
)


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
    for command in (tool.command for tool in TOOLS if tool.command.startswith("qemu-") and shutil.which(tool.command)):
        try:
            rows.append({"emulator": command, "api": dataclasses.asdict(counting_api(command)), "problem": None})
        except ToolError as error:
            rows.append({"emulator": command, "api": None, "problem": str(error)})
    return rows


def examine() -> dict[str, object]:
    """The document of `edgewright doctor`."""
    rows = [{"command": t.command, "purpose": t.purpose, "version": find(t), "package": t.package} for t in TOOLS]
    missing = sorted(
        {package for t, row in zip(TOOLS, rows, strict=True) if not row["version"] for package in t.package.split()}
    )
    return {
        "tools": rows,
        "counting": counting(),
        "complete": not missing,
        "install": f"apt-get install {' '.join(missing)}" if missing else "",
    }
