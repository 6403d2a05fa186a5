"""Finding and running the external tools: compilers, binutils, emulators."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from edgewright.errors import ToolError

#: The Debian and Ubuntu package of each tool; tools of one toolchain share a prefix.
PACKAGES = {
    "arm-none-eabi-": "gcc-arm-none-eabi libnewlib-arm-none-eabi",
    "aarch64-linux-gnu-": "gcc-aarch64-linux-gnu",
    "arm-linux-gnueabihf-": "gcc-arm-linux-gnueabihf",
    "arm-linux-gnueabi-": "gcc-arm-linux-gnueabi",
    "gcc": "gcc",
    "objdump": "binutils",
    "qemu-system-arm": "qemu-system-arm",
    "qemu-aarch64": "qemu-user",
    "qemu-arm": "qemu-user",
    "ssh": "openssh-client",
    "scp": "openssh-client",
}


def find_tool(name: str) -> str:
    """The path of the program `name`.

    Raises:
        ToolError: it is not installed.
    """
    path = shutil.which(name)
    if path is None:
        package = next((text for prefix, text in PACKAGES.items() if name.startswith(prefix)), name)
        raise ToolError(f"{name}: not found on PATH; install it with: sudo apt-get install {package}")
    return path


def run_tool(
    command: Sequence[str], *, cwd: Path | None = None, timeout_s: float | None = None
) -> subprocess.CompletedProcess[str]:
    """The finished `command`, its output captured; its program is looked up first.

    Raises:
        ToolError: the program is not installed.
        subprocess.TimeoutExpired: it took more than timeout_s.
    """
    return subprocess.run(
        [find_tool(command[0]), *command[1:]],
        cwd=cwd,
        capture_output=True,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        timeout=timeout_s,
        check=False,
    )


def sibling(compiler: str, tool: str) -> str:
    """The name of another tool of the compiler's toolchain: `sibling("arm-none-eabi-gcc", "objdump")`."""
    return compiler.removesuffix("gcc") + tool
