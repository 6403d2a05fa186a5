"""Kernel sources compile without a warning as C99, with GCC and clang; portable, Thumb-1 and DSP ones also as C++."""

import subprocess
from pathlib import Path

import pytest

from edgewright.targets import load_cpu
from tests.harness.kernel_program import RUNTIME

WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wcast-qual", "-Wundef", "-Werror"]
C99 = ["-std=c99", "-pedantic", "-Wstrict-prototypes", "-Wmissing-prototypes"]
CPP11 = ["-x", "c++", "-std=c++11", "-pedantic"]
#: A CPU of each instruction set.
CPUS = {
    "c": "cortex-m0plus", "thumb1": "cortex-m0plus", "dsp": "cortex-m4", "mve": "cortex-m55",
    "armv7_neon": "cortex-a7", "neon": "cortex-a53", "sdot": "cortex-a76", "avx2": "x86-64",
}  # fmt: skip


def compile_cleanly(command: list[str], folder: str, tmp_path: Path) -> None:
    files = sorted(str(path) for path in (RUNTIME / "src" / folder).glob("*.c"))
    command = [*command, *WARNINGS, f"-I{RUNTIME / 'include'}", f"-I{RUNTIME / 'src'}", "-c", *files]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert files
    assert done.returncode == 0, done.stderr[-4000:]


@pytest.mark.parametrize(
    ("compiler", "folder"),
    [
        (["gcc", *C99], "c"),
        (["clang", *C99, "-Wcomma"], "c"),
        (["g++", *CPP11], "c"),
        (["clang++", *CPP11], "c"),
        (["clang", *C99, "-mavx2", "-Wcomma"], "avx2"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_sources_compile_cleanly(compiler: list[str], folder: str, tmp_path: Path) -> None:
    compile_cleanly(compiler, folder, tmp_path)


@pytest.mark.parametrize("isa", CPUS)
def test_sources_of_an_instruction_set_compile_cleanly(isa: str, tmp_path: Path) -> None:
    cpu = load_cpu(CPUS[isa])
    compile_cleanly([cpu.compiler, *cpu.flags, *C99, "-O1"], isa, tmp_path)


def test_every_folder_is_compiled() -> None:
    folders = {path.parent.name for path in (RUNTIME / "src").glob("*/*.c")}
    assert folders == {*CPUS, "threads"}


@pytest.mark.parametrize("isa", ["thumb1", "dsp"])
def test_sources_for_microcontrollers_are_cpp_too(isa: str, tmp_path: Path) -> None:
    """Some build systems compile every file of a project as C++."""
    cpu = load_cpu(CPUS[isa])
    options = ["-x", "c++", "-std=gnu++17", "-fno-exceptions", "-O1"]
    compile_cleanly([cpu.compiler, *cpu.flags, *options], isa, tmp_path)
