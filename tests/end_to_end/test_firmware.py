"""Generated directories in a program, as a firmware engineer adds them: with CMake, or as plain files."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from edgewright import api, demo
from edgewright.build.board_files import linker_script
from edgewright.build.elf import function
from edgewright.emit import runtime_files
from edgewright.paths import data_folder
from edgewright.targets import load_board, load_cpu
from tests.harness.kernel_program import run_command

#: Ends with the bits of the self-tests that failed; on an emulated board by semihosting.
MAIN = """
{includes}
static int8_t arena[65536] EW_ALIGNED(16);
static int result(void) {{ return {checks}; }}
#ifdef __arm__
int main(void)
{{
    const uint32_t block[2] = {{0x20026, (uint32_t)result()}};
    register int operation __asm__("r0") = 0x20;
    register const void *argument __asm__("r1") = block;
    __asm__ volatile("bkpt 0xab" ::"r"(operation), "r"(argument) : "memory");
    return 1;
}}
#else
int main(void) {{ return result(); }}
#endif
"""
#: Beside the model's own folder, nothing is on the include path.
PLAIN = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"]
PLACES = [("x86-64", ""), ("cortex-m4", "mps2-an386")]


def compiled(folder: Path, name: str, cpu: str = "x86-64", goal: str = "balanced") -> Path:
    """The directory of the shipped model, called `name`."""
    api.compile(demo.model_path(), cpu, demo.calibration_path(), folder / name, name=name, goal=goal)
    return folder / name


def main_of(*names: str) -> str:
    """A program whose exit status has bit k set when the self-test of model k failed."""
    includes = "\n".join(f'#include "{name}.h"' for name in names)
    checks = " | ".join(f"({name}_selftest(arena) != EW_OK) << {bit}" for bit, name in enumerate(names))
    return MAIN.format(includes=includes, checks=checks)


def board_options(folder: Path, board: str) -> list[str]:
    """What GCC needs beside the sources to link for a board."""
    support = data_folder("targets") / "support"
    (folder / "linker.ld").write_text(linker_script(load_board(board)))
    return [f"-I{support}", "-nostartfiles", "-T", str(folder / "linker.ld"), "-Wl,--no-warn-rwx-segments"]


def with_plain_files(folder: Path, names: Sequence[str], cpu: str = "x86-64", board: str = "") -> Path:
    """The program of all C and assembly files of the models; one compilation each, as an IDE does."""
    target = load_cpu(cpu)
    (folder / "main.c").write_text(main_of(*names))
    link = board_options(folder, board) if board else []
    startup = [data_folder("targets") / "support" / "startup.c"] if board else []
    models = [path for name in names for path in sorted((folder / name).rglob("*.[cS]"))]
    command = [target.compiler, *target.flags, *PLAIN, "-O2", *(f"-I{folder / name}" for name in names), *link]
    sources = [str(path) for path in (folder / "main.c", *startup, *models)]
    done = subprocess.run([*command, *sources, "-o", str(folder / "app")], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return folder / "app"


def with_cmake(folder: Path, names: Sequence[str], cpu: str = "x86-64", board: str = "", main: str = "") -> Path:
    """The program of the CMake libraries of the models, linked in this order."""
    target = load_cpu(cpu)
    (folder / "main.c").write_text(main or main_of(*names))
    link = board_options(folder, board) if board else []
    startup = f"{data_folder('targets')}/support/startup.c" if board else ""
    (folder / "CMakeLists.txt").write_text("\n".join([
        "cmake_minimum_required(VERSION 3.13)", "project(app C ASM)", *(f"add_subdirectory({name})" for name in names),
        f"add_executable(app main.c {startup})", f"target_link_libraries(app PRIVATE {' '.join(names)})",
        f"target_compile_options(app PRIVATE {' '.join([*target.flags, *link[:1]])})",
        f"target_link_options(app PRIVATE {' '.join([*target.flags, *link[1:]])})", "",
    ]))  # fmt: skip
    options = [f"-DCMAKE_C_COMPILER={target.compiler}", f"-DCMAKE_ASM_COMPILER={target.compiler}"]
    if board:
        options += ["-DCMAKE_SYSTEM_NAME=Generic", "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY"]
    build = folder / "cmake"
    for command in (["-S", str(folder), "-B", str(build), *options], ["--build", str(build)]):
        done = subprocess.run(["cmake", *command], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
    return build / "app"


def failed_selftests(program: Path, cpu: str = "x86-64") -> int:
    """The bits of the models whose self-test failed."""
    command = run_command(program, load_cpu(cpu)) if cpu.startswith("cortex-m") else [str(program)]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode


def versions_in(program: Path) -> set[str]:
    """The versions of the kernels in a linked program."""
    text = subprocess.run(["nm", str(program)], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r" ew_\w+_([0-9a-f]{8})$", text, re.MULTILINE))


# ---- one model ----


def test_the_selftest_links_from_the_library(tmp_path: Path) -> None:
    compiled(tmp_path, "digits")
    assert failed_selftests(with_cmake(tmp_path, ["digits"])) == 0


def test_the_float_abi_of_the_toolchain_wins(tmp_path: Path) -> None:
    """A softfp application used not to link: the folder said -mfloat-abi=hard whatever the toolchain said."""
    folder = compiled(tmp_path, "digits", "cortex-m4")
    flags = "-mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=softfp"
    options = ["-DCMAKE_SYSTEM_NAME=Generic", "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY"]
    options += ["-DCMAKE_C_COMPILER=arm-none-eabi-gcc", f"-DCMAKE_C_FLAGS={flags}", f"-DCMAKE_ASM_FLAGS={flags}"]
    build = tmp_path / "build"
    for command in (["-S", str(folder), "-B", str(build), *options], ["--build", str(build)]):
        subprocess.run(["cmake", *command], capture_output=True, check=True)
    command = ["arm-none-eabi-readelf", "-A", str(build / "libdigits.a")]
    attributes = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Tag_CPU_name" in attributes
    assert "VFP_args" not in attributes, "objects that pass floats in registers"


def test_a_program_that_does_not_call_the_selftest_does_not_hold_it(tmp_path: Path) -> None:
    compiled(tmp_path, "digits")
    program = with_cmake(tmp_path, ["digits"], main='#include "digits.h"\nint main(void) { return !digits_run(0); }\n')
    assert function(program, "digits_run") is not None
    assert function(program, "digits_selftest") is None


# ---- two models in one program ----


@pytest.mark.parametrize(("goals", "versions"), [(("time", "time"), 1), (("time", "flash"), 2)], ids=["same", "other"])
@pytest.mark.parametrize(("cpu", "board"), PLACES, ids=["host", "board"])
@pytest.mark.parametrize("added", [with_plain_files, with_cmake], ids=["files", "cmake"])
def test_two_models_are_each_right(
    added: object, cpu: str, board: str, goals: tuple[str, str], versions: int, tmp_path: Path
) -> None:
    """Kernels that are the same are shared; each model has those that were compiled for it."""
    for name, goal in zip(("first", "second"), goals, strict=True):
        compiled(tmp_path, name, cpu, goal)
    program = added(tmp_path, ("first", "second"), cpu, board)  # type: ignore[operator]
    assert len(versions_in(program)) == versions
    assert failed_selftests(program, cpu) == 0


@pytest.fixture
def other_runtime(tmp_path: Path) -> Path:
    """The runtime of another SDK version: its fully connected layers want another packing of their weights."""
    folder = tmp_path / "other_sdk"
    shutil.copytree(data_folder("runtime_c"), folder)
    for path in folder.rglob("ew_fc_s8*.c"):
        head, brace, body = path.read_text().rpartition("\n{\n")
        path.write_text(f"{head}{brace}    y[0] = 77;\n    return;\n{body}")
    return folder


def compiled_by_another(folder: Path, name: str, runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory whose runtime is `runtime`; its self-test fails, so that one sees whose kernels run."""
    with monkeypatch.context() as patch:
        patch.setattr(runtime_files, "data_folder", lambda _: runtime)
        return compiled(folder, name)


@pytest.mark.parametrize("added", [with_plain_files, with_cmake], ids=["files", "cmake"])
@pytest.mark.parametrize("names", [("good", "bad"), ("bad", "good")], ids=" first ".join)
def test_each_model_runs_the_kernels_of_its_own_version(
    added: object, names: tuple[str, str], other_runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled(tmp_path, "good")
    compiled_by_another(tmp_path, "bad", other_runtime, monkeypatch)
    program = added(tmp_path, names)  # type: ignore[operator]
    assert failed_selftests(program) == 1 << names.index("bad")


def test_folders_laid_over_each_other_are_refused(
    other_runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernels of the second would run the first model, with weights packed for others."""
    compiled(tmp_path, "good")
    bad = compiled_by_another(tmp_path, "bad", other_runtime, monkeypatch)
    shutil.copytree(bad, tmp_path / "good", dirs_exist_ok=True)
    with pytest.raises(RuntimeError, match=r"error.*runtime/ is not the one this file was generated with"):
        with_plain_files(tmp_path, ["good"])


def test_models_of_one_version_may_be_laid_over_each_other(tmp_path: Path) -> None:
    shutil.copytree(compiled(tmp_path, "first"), tmp_path / "both")
    shutil.copytree(compiled(tmp_path, "second"), tmp_path / "both", dirs_exist_ok=True)
    main = tmp_path / "both" / "main.c"
    main.write_text(main_of("first", "second"))
    sources = [str(path) for path in sorted((tmp_path / "both").rglob("*.c"))]
    flags = [*load_cpu("x86-64").flags, *PLAIN]
    subprocess.run(["gcc", *flags, *sources, "-o", str(tmp_path / "app")], check=True)
    assert failed_selftests(tmp_path / "app") == 0


def test_another_ew_h_in_the_same_source_file_is_refused(
    other_runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled(tmp_path, "good")
    header = other_runtime / "include" / "ew.h"
    header.write_text(header.read_text().replace("EW_ESELFTEST    (-5)", "EW_ESELFTEST    (-6)"))
    compiled_by_another(tmp_path, "bad", other_runtime, monkeypatch)
    with pytest.raises(RuntimeError, match=r"error.*another Edgewright's ew.h came before this file"):
        with_plain_files(tmp_path, ["good", "bad"])


# ---- reproducible ----


@pytest.mark.parametrize("cpu", ["cortex-m0plus", "cortex-m4", "cortex-m55", "cortex-a53"])
def test_programs_with_assembly_are_the_same_in_any_folder(cpu: str, tmp_path: Path) -> None:
    """The assembler writes its folder into the line table."""
    programs: list[bytes] = []
    for where in ("here", "far/away/from/there"):
        (tmp_path / where).mkdir(parents=True)
        folder = compiled(tmp_path / where, "digits", cpu)
        assert list(folder.rglob("*.S"))
        program = api.build(folder).minimal_elf
        assert program is not None
        programs.append(program.read_bytes())
    assert str(tmp_path).encode() not in programs[0]
    assert programs[0] == programs[1]
