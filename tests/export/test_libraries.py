"""`make` and `cmake`: libraries whose options for the CPU are those of whoever takes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.firmware import (
    CORTEX_M4,
    FLOAT_ABIS,
    PASSED,
    exported,
    link_options,
    printed_on_board,
    shell,
)
from tests.harness.kernel_program import HERE

#: A firmware project around two models: its toolchain has the CPU's options, the libraries none.
TOOLCHAIN = """
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_ASM_COMPILER arm-none-eabi-gcc)
set(CMAKE_C_FLAGS_INIT "{flags}")
set(CMAKE_ASM_FLAGS_INIT "{flags}")
"""
FIRMWARE = """
cmake_minimum_required(VERSION 3.13)
project(firmware C ASM)
add_subdirectory(first)
add_subdirectory(second)
add_executable(app main.c {start})
target_link_libraries(app PRIVATE first::first second::second {options})
"""
BOTH = """#include "first.h"
#include "second.h"
static int8_t arena[65536] EW_ALIGNED(16);
int main(void) { return (first_selftest(arena) != EW_OK) | (second_selftest(arena) != EW_OK) << 1; }
"""
APPLICATION = """
cmake_minimum_required(VERSION 3.13)
project(application C)
find_package(digits 0.1 REQUIRED)
add_executable(app main.c)
target_link_libraries(app PRIVATE digits::digits)
"""


def both_models(to: str, folder: Path) -> None:
    """Two models for different goals, and a main.c that runs both self-tests."""
    for name, goal in (("first", "time"), ("second", "flash")):
        exported(to, folder / name, name=name, goal=goal)
    (folder / "main.c").write_text(BOTH)


# ---- CMake ----


def test_two_cmake_libraries_in_softfp_firmware(tmp_path: Path) -> None:
    """The float ABI of an application cannot be told to be another one: it used to be forced."""
    both_models("cmake", tmp_path)
    flags = " ".join([*CORTEX_M4, *FLOAT_ABIS["softfp"]])
    (tmp_path / "toolchain.cmake").write_text(TOOLCHAIN.format(flags=flags))
    options = " ".join(link_options())
    (tmp_path / "CMakeLists.txt").write_text(FIRMWARE.format(start=HERE / "firmware.c", options=options))
    build = tmp_path / "build"
    configure = ["-DCMAKE_TOOLCHAIN_FILE=toolchain.cmake", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"]
    shell("cmake", "-S", ".", "-B", build, *configure, cwd=tmp_path)
    shell("cmake", "--build", build)
    printed_on_board(build / "app")
    commands = json.loads((build / "compile_commands.json").read_text())
    kernels = [entry["command"] for entry in commands if "/runtime/" in entry["file"]]
    assert kernels
    assert all(command.count("-mcpu") == command.count("-mfloat-abi") == 1 for command in kernels)


def test_an_installed_package_is_found(tmp_path: Path) -> None:
    package = exported("cmake", tmp_path / "package", cpu="generic-c")
    for command in (["-B", "build"], ["--build", "build"]):
        shell("cmake", *command, cwd=package)
    shell("ctest", cwd=package / "build")
    assert shell(package / "build" / "digits_example") == PASSED
    shell("cmake", "--install", "build", "--prefix", tmp_path / "prefix", cwd=package)
    application = tmp_path / "application"
    application.mkdir()
    (application / "CMakeLists.txt").write_text(APPLICATION)
    for file in ("main.c", "digits_sample.h"):
        (application / file).write_text((package / "example" / file).read_text())
    shell("cmake", "-B", "build", f"-DCMAKE_PREFIX_PATH={tmp_path / 'prefix'}", cwd=application)
    shell("cmake", "--build", "build", cwd=application)
    assert shell(application / "build" / "app") == PASSED
    installed = {path.name for path in (tmp_path / "prefix").rglob("*") if path.is_file()}
    assert {"digits.h", "ew.h", "ew_quantize.h", "LICENSE", "libdigits.a", "digitsConfig.cmake"} <= installed
    assert "ew_kernels.h" not in installed


def test_a_threaded_model_finds_its_threads(tmp_path: Path) -> None:
    package = exported("cmake", tmp_path / "package", cpu="x86-64", threads=2)
    shell("cmake", "-B", "build", "-DCMAKE_C_FLAGS=-mavx2", cwd=package)
    shell("cmake", "--build", "build", cwd=package)
    assert shell(package / "build" / "digits_example") == PASSED


# ---- make ----


@pytest.mark.parametrize("abi", ["softfp", "hard"])
def test_make_builds_a_library_for_the_options_given(abi: str, tmp_path: Path) -> None:
    folder = exported("make", tmp_path / "out")
    flags = [*CORTEX_M4, *FLOAT_ABIS[abi]]
    tools = ["CC=arm-none-eabi-gcc", "AR=arm-none-eabi-ar", f"CPU_FLAGS={' '.join(flags)}"]
    shell("make", *tools, cwd=folder)
    shell("make", "install", *tools, f"DESTDIR={tmp_path}", "PREFIX=/usr", cwd=folder)
    used = [f"-I{tmp_path}/usr/include/digits", f"-L{tmp_path}/usr/lib"]
    sources = [folder / "example" / "main.c", HERE / "firmware.c"]
    options = [*link_options(), "-ldigits", "-o", str(tmp_path / "app")]
    shell("arm-none-eabi-gcc", *flags, *used, *sources, *options)
    assert printed_on_board(tmp_path / "app") == PASSED


def test_make_runs_its_example(tmp_path: Path) -> None:
    folder = exported("make", tmp_path / "out", cpu="generic-c")
    assert shell("make", "-s", "example", cwd=folder) == PASSED
    assert "digits.c" not in shell("make", cwd=folder), "nothing has changed"
    assert "-DOTHER" in shell("make", "CPU_FLAGS=-DOTHER", cwd=folder), "compiled by another command: made again"


def test_two_fragments_in_somebody_elses_makefile(tmp_path: Path) -> None:
    both_models("make", tmp_path)
    (tmp_path / "Makefile").write_text(
        "include first/first.mk\ninclude second/second.mk\n"
        "app: main.c $(FIRST_SOURCES) $(SECOND_SOURCES)\n"
        "\t$(CC) $(CFLAGS) $(FIRST_INCLUDES) $(SECOND_INCLUDES) $^ -o $@ $(LDLIBS)\n"
    )
    flags = [*CORTEX_M4, *FLOAT_ABIS["hard"], "-O2", "-ffunction-sections"]
    libraries = [str(HERE / "firmware.c"), *link_options()]
    shell("make", "CC=arm-none-eabi-gcc", f"CFLAGS={' '.join(flags)}", f"LDLIBS={' '.join(libraries)}", cwd=tmp_path)
    printed_on_board(tmp_path / "app")


def test_the_wrong_compiler_is_told_so_in_one_line(tmp_path: Path) -> None:
    folder = exported("make", tmp_path / "out")
    with pytest.raises(pytest.fail.Exception, match="these kernels need DSP instructions: give the compiler -mcpu"):
        shell("make", cwd=folder)
