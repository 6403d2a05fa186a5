"""Portable C on a core that Edgewright has no kernels for: 32-bit RISC-V, built by clang and run by QEMU."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.harness.firmware import exported, shell

RISCV32 = Path(__file__).parents[1] / "harness" / "riscv32"
PROGRAMS = ("clang", "ld.lld", "qemu-riscv32")
CORE = ["--target=riscv32-unknown-elf", "-march=rv32imac", "-mabi=ilp32"]
#: Without a C library; loops of start.c must not become calls of what they define.
BARE = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-O2", "-ffreestanding", "-fno-builtin", "-nostdlib"]
MAIN = """#define DIGITS_IMPLEMENTATION
#include "digits.h"
static int8_t arena[DIGITS_ARENA_BYTES] EW_ALIGNED(DIGITS_ARENA_ALIGN);
int main(void) { return digits_selftest(arena) == EW_OK ? %d : 1; }
"""


@pytest.mark.parametrize("to", ["single-header", "esp-idf"])
def test_the_selftest_passes(to: str, tmp_path: Path) -> None:
    if missing := [program for program in PROGRAMS if shutil.which(program) is None]:
        pytest.skip(f"{missing[0]} is not here")
    folder = exported(to, tmp_path / "digits")
    passed = 42
    text = MAIN % passed
    sources = [tmp_path / "main.c", RISCV32 / "start.c"]
    root = folder
    if to == "esp-idf":
        root, text = folder / "src", text.partition("\n")[2]
        sources += sorted(root.rglob("*.c"))
    (tmp_path / "main.c").write_text(text)
    roots = [f"-I{RISCV32}", f"-I{root}"]
    shell("clang", *CORE, *BARE, "-fuse-ld=lld", *roots, *sources, "-o", tmp_path / "app")
    done = subprocess.run(["qemu-riscv32", tmp_path / "app"], timeout=60, check=False)
    assert done.returncode == passed
