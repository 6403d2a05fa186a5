"""Every portable source compiles without a warning as C99 and as C++, with GCC and clang."""

import subprocess
from pathlib import Path

import pytest

from tests.harness.kernel_program import RUNTIME

SOURCES = sorted(str(path) for path in (RUNTIME / "src").glob("*.c"))
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wcast-qual", "-Wundef", "-Werror"]


@pytest.mark.parametrize(
    "compiler",
    [
        ["gcc", "-std=c99", "-pedantic", "-Wstrict-prototypes", "-Wmissing-prototypes"],
        ["clang", "-std=c99", "-pedantic", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wcomma"],
        ["g++", "-x", "c++", "-std=c++11", "-pedantic"],
        ["clang++", "-x", "c++", "-std=c++11", "-pedantic"],
        ["arm-none-eabi-gcc", "-std=c99", "-mcpu=cortex-m0plus", "-mthumb", "-Os"],
    ],
    ids=["gcc", "clang", "g++", "clang++", "arm-gcc"],
)
def test_portable_sources_compile_cleanly(compiler: list[str], tmp_path: Path) -> None:
    command = [*compiler, *WARNINGS, f"-I{RUNTIME / 'include'}", f"-I{RUNTIME / 'src'}", "-c", *SOURCES]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
