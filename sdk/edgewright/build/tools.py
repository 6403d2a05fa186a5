"""Finding and running the external tools: compilers, binutils, emulators."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from edgewright.errors import ToolError
from edgewright.targets import Cpu
from edgewright.targets.toolchains import load_tools


def find_tool(name: str) -> str:
    """The path of the program `name`.

    Raises:
        ToolError: it is not installed.
    """
    path = shutil.which(name)
    if path is None:
        packages = next((tool.packages for tool in load_tools() if tool.brings(name)), (name,))
        raise ToolError(f"{name}: not found on PATH; install it with: sudo apt-get install {' '.join(packages)}")
    return path


def run_tool(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    timeout_s: float | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """The finished `command`, its output captured; its program is looked up first. environment: besides our own.

    Raises:
        ToolError: the program is not installed.
        subprocess.TimeoutExpired: it took more than timeout_s.
    """
    return subprocess.run(
        [find_tool(command[0]), *command[1:]],
        cwd=cwd,
        env={**os.environ, **environment} if environment else None,
        capture_output=True,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        timeout=timeout_s,
        check=False,
    )


def check_compiler(cpu: Cpu) -> None:
    """Raise ToolError when the compiler of `cpu` is not here, or does not know its flags."""
    done = run_tool([cpu.compiler, *cpu.flags, "-E", "-x", "c", os.devnull])
    if done.returncode:
        said = (done.stderr.splitlines() or ["no message"])[0]
        raise ToolError(f"{cpu.name}: {said}; install a newer {cpu.compiler}, or change flags in {cpu.file}")


def compiler_release(compiler: str) -> str:
    """The GCC that `compiler` is, as "GCC 12.2": what counts and sizes depend on.

    Raises:
        ToolError: it is not installed.
    """
    major, minor = run_tool([compiler, "-dumpfullversion"]).stdout.strip().split(".")[:2]
    return f"GCC {major}.{minor}"


def sibling(compiler: str, tool: str) -> str:
    """The name of another tool of the compiler's toolchain: `sibling("arm-none-eabi-gcc", "objdump")`."""
    return compiler.removesuffix("gcc") + tool
