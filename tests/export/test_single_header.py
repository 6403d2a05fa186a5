"""`single-header`: one file that every C and C++ compiler takes, alone or beside another model's."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from edgewright.emit import runtime_files
from edgewright.paths import data_folder
from tests.harness.firmware import (
    FLOAT_ABIS,
    LANGUAGES,
    PASSED,
    WARNINGS,
    exported,
    printed_on_board,
    program,
    shell,
)

#: Ends with the bits of the self-tests that failed.
BOTH = """
static int8_t arena[65536] EW_ALIGNED(16);
int main(void) { return (first_selftest(arena) != EW_OK) | (second_selftest(arena) != EW_OK) << 1; }
"""


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_compilers_take_it_without_a_word(language: str, compiler: str, tmp_path: Path) -> None:
    folder = exported("single-header", tmp_path / "out")
    quiet = [*LANGUAGES[language], *WARNINGS, *(["-Wold-style-cast"] if language == "C++" else ["-pedantic"])]
    shell(compiler, *quiet, "-O1", f"-I{folder}", folder / "example" / "main.c", "-o", tmp_path / "app")
    assert shell(tmp_path / "app") == PASSED


@pytest.mark.parametrize("abi", FLOAT_ABIS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_links_with_firmware_of_any_float_abi(language: str, abi: str, tmp_path: Path) -> None:
    folder = exported("single-header", tmp_path / "out")
    main = [folder / "example" / "main.c"]
    elf = program(tmp_path / "app", main, FLOAT_ABIS[abi], [folder], language)
    assert printed_on_board(elf) == PASSED


def two_models(tmp_path: Path, goals: tuple[str, str] = ("time", "flash")) -> Path:
    """A folder that holds first.h and second.h."""
    for name, goal in zip(("first", "second"), goals, strict=True):
        exported("single-header", tmp_path / name, name=name, goal=goal)
        shutil.copy(tmp_path / name / f"{name}.h", tmp_path)
    return tmp_path


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_models_in_one_source_file(language: str, tmp_path: Path) -> None:
    folder = two_models(tmp_path, ("time", "time"))
    wanted = "#define FIRST_IMPLEMENTATION\n#define SECOND_IMPLEMENTATION\n"
    (folder / "main.c").write_text(f'{wanted}#include "first.h"\n#include "second.h"\n{BOTH}')
    shell("gcc", *LANGUAGES[language], *WARNINGS, "main.c", "-o", "app", cwd=folder)
    shell(folder / "app")
    elf = program(folder / "elf", [folder / "main.c"], FLOAT_ABIS["softfp"], [folder], language)
    printed_on_board(elf)


def test_two_models_in_source_files_of_their_own(tmp_path: Path) -> None:
    """Kernels of one version are weak: the linker keeps one of each."""
    folder = two_models(tmp_path)
    for name in ("first", "second"):
        (folder / f"{name}.c").write_text(f'#define {name.upper()}_IMPLEMENTATION\n#include "{name}.h"\n')
    (folder / "main.c").write_text(f'#include "first.h"\n#include "second.h"\n{BOTH}')
    shell("gcc", "-std=c99", *WARNINGS, "main.c", "first.c", "second.c", "-o", "app", cwd=folder)
    shell(folder / "app")
    sources = [folder / f"{name}.c" for name in ("main", "first", "second")]
    printed_on_board(program(folder / "elf", sources, FLOAT_ABIS["hard"], [folder]))


def test_kernels_of_two_versions_in_one_source_file_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported("single-header", tmp_path / "first", name="first")
    other = tmp_path / "other_sdk"
    shutil.copytree(data_folder("runtime_c"), other)
    path = other / "src" / "c" / "ew_fc_s8.c"
    path.write_text(path.read_text() + "static const int newer = 1;\n")
    with monkeypatch.context() as patch:
        patch.setattr(runtime_files, "data_folder", lambda _: other)
        exported("single-header", tmp_path / "second", name="second")
    wanted = "#define FIRST_IMPLEMENTATION\n#define SECOND_IMPLEMENTATION\n"
    (tmp_path / "main.c").write_text(f'{wanted}#include "first/first.h"\n#include "second/second.h"\n{BOTH}')
    done = subprocess.run(["gcc", "main.c"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "put the implementations in different source files" in done.stderr


def test_it_leaves_no_name_to_the_application_but_the_models_and_edgewrights(tmp_path: Path) -> None:
    folder = exported("single-header", tmp_path / "out")
    text = '#include "digits.h"\n'
    done = {
        kind: set(subprocess.run(
            ["gcc", "-dM", "-E", f"-I{folder}", *define, "-x", "c", "-"], input=source, capture_output=True, text=True,
            check=True,
        ).stdout.splitlines())
        for kind, source, define in (
            ("with", text, ["-DDIGITS_IMPLEMENTATION"]),
            ("without", "#include <stddef.h>\n#include <stdint.h>\n#include <string.h>\n", []),
        )
    }  # fmt: skip
    macros = {line.split()[1].split("(")[0] for line in done["with"] - done["without"]}
    assert len(macros) > 20
    assert {name for name in macros if not name.startswith(("DIGITS_", "EW_", "ew_"))} == set()
