"""Runs the examples of README.md, docs/*.md and the docstrings of the package, and follows the links.

A ```python block with prompts is a doctest; the blocks of a file share their names. In a ```console block each
line after `$ ` is a command that must succeed, and the lines that follow, if any, are what it prints (`...`
stands for anything). ```sh blocks take long or change the machine, and are not run.
"""

import doctest
import importlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SDK = ROOT / "sdk"
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(page: Path, kind: str) -> list[tuple[int, str]]:
    """(line number of the first line, text) of each block of a kind."""
    text = page.read_text()
    found = [match for match in BLOCK.finditer(text) if match["kind"] == kind]
    return [(text.count("\n", 0, match.start("text")) + 1, match["text"]) for match in found]


def steps(text: str) -> list[tuple[str, str]]:
    """(command, expected output) of each step of a console block."""
    pieces = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    return [(command, output) for command, _, output in (piece.partition("\n") for piece in pieces)]


def with_block(kind: str) -> list[object]:
    return [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES if blocks(page, kind)]


@pytest.mark.parametrize("page", with_block("python"))
def test_python_examples(page: Path) -> None:
    names: dict[str, object] = {}
    failed: list[str] = []
    for line, text in blocks(page, "python"):
        example = doctest.DocTestParser().get_doctest(text, names, page.name, str(page), line - 1)
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        runner.run(example, out=failed.append, clear_globs=False)
        names = example.globs
    assert not failed, "".join(failed)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder that shows the files of the checkout as links, so that what a command writes is not left in it."""
    for path in ROOT.iterdir():
        if path.name != "build":
            (tmp_path / path.name).symlink_to(path)
    return tmp_path


@pytest.mark.parametrize("page", with_block("console"))
def test_console_examples(page: Path, checkout: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "120",
    }
    for line, text in blocks(page, "console"):
        for command, expected in steps(text):
            done = subprocess.run(
                shlex.split(command),
                cwd=checkout,
                env=environment,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            where = f"{page.name}:{line}: $ {command}"
            assert done.returncode == 0, f"{where}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
            if expected.strip():
                matches = doctest.OutputChecker().check_output(expected, done.stdout, FLAGS)
                assert matches, f"{where} prints\n{done.stdout}"


def test_docstring_examples() -> None:
    failed = {}
    for path in sorted(SDK.rglob("*.py")):
        if ">>> " in path.read_text():
            parts = path.relative_to(SDK).with_suffix("").parts
            module = importlib.import_module(".".join(part for part in parts if part != "__init__"))
            failed[module.__name__] = doctest.testmod(module, optionflags=FLAGS).failed
    assert not any(failed.values()), failed


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    assert [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()] == []


def test_the_parts_of_a_console_block() -> None:
    assert steps("$ make help\n$ edgewright targets\nCPU\n...\n") == [
        ("make help", ""),
        ("edgewright targets", "CPU\n...\n"),
    ]


TWIN = re.compile(r"kernels/\w+(?:/\w+)*\.py")


def test_comments_in_c_name_python_files_that_exist() -> None:
    sources = [path for kind in ("*.c", "*.h", "*.S", "*.inc") for path in (ROOT / "runtime_c").rglob(kind)]
    named = {(path.name, twin) for path in sources for twin in TWIN.findall(path.read_text())}
    assert named
    assert sorted((path, twin) for path, twin in named if not (SDK / "edgewright" / twin).is_file()) == []
