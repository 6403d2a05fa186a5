"""Kernel sources compile without a warning as C99, with GCC and clang; the portable ones also as C++."""

import subprocess
from pathlib import Path

import pytest

from tests.harness.kernel_program import RUNTIME

WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wcast-qual", "-Wundef", "-Werror"]
C99 = ["-std=c99", "-pedantic", "-Wstrict-prototypes"]
CPP11 = ["-x", "c++", "-std=c++11", "-pedantic"]
PORTABLE = "c/*.c"
THUMB1 = "thumb1/*.c"
AVX2 = "avx2/*.c"
M0PLUS = ["-mcpu=cortex-m0plus", "-mthumb"]


@pytest.mark.parametrize(
    ("compiler", "sources"),
    [
        (["gcc", *C99, "-Wmissing-prototypes"], PORTABLE),
        (["clang", *C99, "-Wmissing-prototypes", "-Wcomma"], PORTABLE),
        (["g++", *CPP11], PORTABLE),
        (["clang++", *CPP11], PORTABLE),
        (["arm-none-eabi-gcc", *C99, *M0PLUS, "-Os"], PORTABLE),
        (["arm-none-eabi-gcc", *C99, *M0PLUS, "-Os"], THUMB1),
        (["gcc", *C99, "-mavx2"], AVX2),
        (["clang", *C99, "-mavx2", "-Wcomma"], AVX2),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_sources_compile_cleanly(compiler: list[str], sources: str, tmp_path: Path) -> None:
    files = sorted(str(path) for path in (RUNTIME / "src").glob(sources))
    command = [*compiler, *WARNINGS, f"-I{RUNTIME / 'include'}", f"-I{RUNTIME / 'src'}", "-c", *files]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert files
    assert done.returncode == 0, done.stderr[-4000:]
