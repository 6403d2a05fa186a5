"""Generated directories in a program, as a firmware engineer adds them: with CMake, or as plain files."""

from __future__ import annotations

import subprocess
from pathlib import Path

from edgewright import api, demo
from edgewright.build.elf import function

MAIN = """#include "digits.h"
static int8_t arena[DIGITS_ARENA_BYTES] EW_ALIGNED(DIGITS_ARENA_ALIGN);
int main(void) { return digits_selftest(arena); }
"""


def compiled(folder: Path, cpu: str, name: str = "digits", goal: str = "balanced") -> Path:
    """The directory of the shipped model."""
    api.compile(demo.model_path(), cpu, demo.calibration_path(), folder, name=name, goal=goal)
    return folder


def built_with_cmake(project: Path, main: str, *models: str) -> Path:
    """The program of `main` and the libraries of `models`, folders and targets of `project`."""
    (project / "main.c").write_text(main)
    added = "".join(f"add_subdirectory({name})\n" for name in models)
    (project / "CMakeLists.txt").write_text(
        f"cmake_minimum_required(VERSION 3.13)\nproject(app C)\n{added}"
        f"add_executable(app main.c)\ntarget_link_libraries(app PRIVATE {' '.join(models)})\n"
    )
    for command in (["-S", str(project), "-B", str(project / "build")], ["--build", str(project / "build")]):
        subprocess.run(["cmake", *command], capture_output=True, text=True, check=True)
    return project / "build" / "app"


def test_the_selftest_links_from_the_library(tmp_path: Path) -> None:
    compiled(tmp_path / "digits", "x86-64")
    program = built_with_cmake(tmp_path, MAIN, "digits")
    assert subprocess.run([str(program)], check=False).returncode == 0


def test_a_program_that_does_not_call_the_selftest_does_not_hold_it(tmp_path: Path) -> None:
    compiled(tmp_path / "digits", "x86-64")
    program = built_with_cmake(tmp_path, MAIN.replace("selftest(arena)", "run(0)"), "digits")
    assert function(program, "digits_run") is not None
    assert function(program, "digits_selftest") is None
