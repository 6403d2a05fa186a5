"""Builds what was exported as firmware projects do, and runs it on this machine or on an emulated Cortex-M."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from edgewright import api, demo
from edgewright.targets import load_cpu
from tests.harness.kernel_program import BARE_MACHINES, HERE, run_command

#: The model that is exported, and what its example must print.
NAME, SAMPLE = "digits", 3
PASSED = "self-test: passed\nclass 3, expected 3\n"
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
#: How applications for a Cortex-M4 pass floats: objects of different kinds do not link.
FLOAT_ABIS = {
    "soft": ["-mfloat-abi=soft"],
    "softfp": ["-mfpu=fpv4-sp-d16", "-mfloat-abi=softfp"],
    "hard": ["-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"],
}
CORTEX_M4 = ["-mcpu=cortex-m4", "-mthumb"]
LANGUAGES = {"C": ["-x", "c", "-std=c99"], "C++": ["-x", "c++", "-std=c++17", "-fno-exceptions", "-fno-rtti"]}


@cache
def compiled(cpu: str = "cortex-m4", name: str = NAME, **options: Any) -> Path:
    """The generated directory of the demo model; made once for all tests of a process, which leave it as it is."""
    out = Path(mkdtemp(prefix="edgewright-export-")) / name
    api.compile(demo.model_path(), cpu, demo.calibration_path(), out, name=name, **options)
    return out


def exported(to: str, out: Path, cpu: str = "cortex-m4", name: str = NAME, **options: Any) -> Path:
    """`out`, with the demo model in the format `to` and an example whose sample is a 3."""
    api.export(compiled(cpu, name, **options), to, out, data=demo.held_out_path(), sample=SAMPLE)
    return out


def shell(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """What a command prints; a failure fails the test with all of it."""
    text = [*map(str, command)]
    done = subprocess.run(text, cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def link_options(cpu: str = "cortex-m4") -> list[str]:
    """What GCC needs beside an example's objects to make a program for the CPU's emulated board."""
    code, ram = BARE_MACHINES[load_cpu(cpu).emulator_board]
    symbols = {"CODE_BASE": code, "RAM_BASE": ram, "end": ram + 0x100000}
    return [
        *("-specs=nano.specs", "-specs=nosys.specs", "-nostartfiles", "-T", str(HERE / "bare_metal.ld")),
        *(f"-Wl,--defsym={name}={value:#x}" for name, value in symbols.items()),
        *("-Wl,--no-warn-rwx-segments", "-Wl,--gc-sections"),
    ]


def objects(
    folder: Path, sources: Sequence[Path], flags: Sequence[str], includes: Sequence[Path] = (), language: str = "C"
) -> list[Path]:
    """The objects of sources for a Cortex-M4; C and C++ are compiled as `language`, without a warning."""
    folder.mkdir(exist_ok=True)
    options = [*LANGUAGES[language], *WARNINGS, "-O2", "-ffunction-sections", "-fdata-sections"]
    made: list[Path] = []
    for source in sources:
        made.append(folder / f"{len(made)}_{source.name}.o")
        kind = ["-x", "assembler-with-cpp"] if source.suffix == ".S" else options
        roots = [f"-I{root}" for root in includes]
        shell("arm-none-eabi-gcc", *CORTEX_M4, *flags, *kind, *roots, "-c", source, "-o", made[-1])
    return made


def linked(out: Path, parts: Sequence[Path], flags: Sequence[str]) -> Path:
    """The program `out` of objects, for the emulated board of a Cortex-M4."""
    start = ["-O2", str(HERE / "firmware.c"), *link_options()]
    shell("arm-none-eabi-gcc", *CORTEX_M4, *flags, *parts, *start, "-o", out)
    return out


def program(
    out: Path, sources: Sequence[Path], flags: Sequence[str], includes: Sequence[Path] = (), language: str = "C"
) -> Path:
    """The program `out` of sources that are all of one language."""
    return linked(out, objects(out.with_suffix(".o"), sources, flags, includes, language), flags)


def printed_on_board(elf: Path, cpu: str = "cortex-m4") -> str:
    """What a program prints on the emulated board of `cpu`; the test fails when the program does not end with 0."""
    command = run_command(elf, load_cpu(cpu))
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        pytest.fail(f"status {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr
