"""Rules about files that no linter knows: size, names, and paths of somebody's machine."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("sdk", "runtime_c", "tests", "tools", "targets")
LINE_LIMIT = 500
#: Figures that a command measured and wrote, for each compiler: data, which nobody reads from top to bottom.
RECORDS = {"runtime_c/code_bytes.toml", "tools/kernel_costs/counted.toml"}
CODE_SUFFIXES = {".py", ".c", ".h", ".S", ".sh", ".ld", ".toml", ".jinja"}
TEXT_SUFFIXES = CODE_SUFFIXES | {".md", ".txt", ".json", ".cfg", ".in", ""}
#: A name made of one of these says nothing about what the module holds.
EMPTY_WORDS = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "handler"}
EMPTY_VERBS = ("process_", "do_")
#: Home folders and the like; a product names no place on the machine where it was written.
MACHINE_PATH = re.compile(r"(?<![\w.~$}\])])/(?:home|root|work|Users|opt|mnt|srv)/[\w.-]+")
NOT_OURS = {".hypothesis", ".git", ".venv", "build", "dist", "__pycache__"}


def code_files() -> list[Path]:
    """Every file of code in FOLDERS, relative to the root."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in CODE_SUFFIXES]
    return sorted(path.relative_to(ROOT) for path in found)


def text_files() -> Iterator[Path]:
    """Every text file of the checkout, relative to the root; not what tools leave in it."""
    for top in sorted(ROOT.iterdir()):
        if top.name in NOT_OURS or top.name.endswith("_cache"):
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            relative = path.relative_to(ROOT)
            generated = any(part == "__pycache__" or part.endswith(".egg-info") for part in relative.parts)
            if path.is_file() and path.suffix in TEXT_SUFFIXES and not generated:
                yield relative


def is_empty_name(stem: str) -> bool:
    """Whether a module or folder of this name could hold anything at all."""
    return not EMPTY_WORDS.isdisjoint(stem.lower().split("_")) or stem.startswith(EMPTY_VERBS)


def test_no_file_is_longer_than_the_limit() -> None:
    lines = {str(path): len((ROOT / path).read_text().splitlines()) for path in code_files()}
    assert lines.keys() >= RECORDS
    assert {path: count for path, count in lines.items() if count > LINE_LIMIT and path not in RECORDS} == {}


def test_no_module_has_an_empty_name() -> None:
    names = {str(path): [*path.parts[1:-1], path.stem] for path in code_files()}
    assert [path for path, parts in names.items() if any(map(is_empty_name, parts))] == []


def test_no_function_of_the_sdk_has_an_empty_name() -> None:
    found = [
        f"{path}:{node.lineno} {node.name}"
        for path in code_files()
        if path.parts[0] == "sdk" and path.suffix == ".py"
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(EMPTY_VERBS)
    ]
    assert found == []


def test_no_file_names_a_path_of_a_machine() -> None:
    found = [
        f"{path}:{number}: {match.group()}"
        for path in text_files()
        for number, line in enumerate((ROOT / path).read_text(errors="replace").splitlines(), 1)
        if (match := MACHINE_PATH.search(line))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("stem", "empty"),
    [("arena", False), ("onnx_helpers", True), ("process_graph", True), ("processor", False), ("committee", False)],
)
def test_the_check_of_names(stem: str, empty: bool) -> None:
    assert is_empty_name(stem) == empty


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("folder = '/" + "home/ann/model'", True),
        ('#include "/' + 'work/main/ew.h"', True),
        ("see docs/work/plan.md", False),
        ("https://example.org/home/page", False),
        ("$(HERE)/work/x", False),
        ("#!/usr/bin/env bash", False),
    ],
)
def test_the_check_of_paths(line: str, found: bool) -> None:
    assert bool(MACHINE_PATH.search(line)) == found


def test_make_help_describes_every_task() -> None:
    text = (ROOT / "Makefile").read_text()
    tasks = set(re.search(r"^\.PHONY:(.*)$", text, re.MULTILINE)[1].split())  # type: ignore[index]
    described = set(re.findall(r"^([a-z-]+):.*## \S", text, re.MULTILINE))
    assert tasks - described == {"debian"}
