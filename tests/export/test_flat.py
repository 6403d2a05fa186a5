"""Flat texts: every portable kernel beside every other one in a single source file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from edgewright.emit.runtime_files import read_tree
from edgewright.export.flat import FlatText, private
from edgewright.paths import data_folder
from tests.harness.firmware import LANGUAGES, WARNINGS, shell

VERSION = "0123abcd"


def all_kernels() -> str:
    """The text with all portable kernels."""
    tree = read_tree(data_folder("runtime_c"))
    flat = FlatText({path: tree.copy_of(path, VERSION) for path in tree.texts})
    paths = sorted(path for path in tree.texts if path.startswith("src/c/") and path.endswith(".c"))
    assert len(paths) > 20
    return "".join(flat.source(path, f"{Path(path).stem}_") for path in paths)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_portable_kernels_fit_into_one_source_file(language: str, tmp_path: Path) -> None:
    (tmp_path / "all.c").write_text(all_kernels())
    shell("gcc", *LANGUAGES[language], *WARNINGS, "-O1", "-c", "all.c", "-o", "all.o", cwd=tmp_path)
    done = subprocess.run(["nm", "-g", tmp_path / "all.o"], capture_output=True, text=True, check=True)
    symbols = [line.split()[-2:] for line in done.stdout.splitlines()]
    exported = {name for kind, name in symbols if kind != "U"}
    assert len(exported) > 20
    assert {name for name in exported if not name.endswith(f"_{VERSION}")} == set()
    assert {kind for kind, name in symbols if name in exported} == {"W"}, "kernels of two models are shared"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("static int low(int a)\n{\n    return a;\n}\nint f(void) { return low(1); }", "p_low"),
        ("static inline int low(int a) { return a; }", "p_low"),
        ("#define ONE 2048\nint x = ONE;", "int x = p_ONE"),
        ("typedef struct {\n    int a;\n} pair_t;\npair_t x;", "p_pair_t x"),
        ("static const int table[3] = {1, 2, 3};\nint f(void) { return table[0]; }", "return p_table[0]"),
    ],
)
def test_private_names_get_the_prefix(text: str, wanted: str) -> None:
    assert wanted in private(text, "p_")


@pytest.mark.parametrize("text", ["static int ew_own(int a)\n", "#define EW_OWN 1\n", "int shared(void)\n"])
def test_other_names_stay(text: str) -> None:
    assert private(text, "p_") == text
