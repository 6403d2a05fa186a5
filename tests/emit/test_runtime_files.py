"""The runtime of a directory: its files stand beside those of other versions, and mind nobody's include path."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tools.kernel_code import measured_cpus, sources_for

from edgewright.emit.runtime_files import INCLUDE, read_tree
from edgewright.paths import data_folder
from edgewright.targets import Cpu

VERSION = "0123abcd"


@pytest.mark.parametrize("cpu", measured_cpus(), ids=lambda cpu: cpu.name)
def test_every_symbol_is_weak_and_ends_in_the_version(cpu: Cpu, tmp_path: Path) -> None:
    """One that does not would clash with another model's, or be taken for it. No include path is given."""
    tree = read_tree(data_folder("runtime_c"))
    sources = [f"src/{source}" for source in sources_for(cpu)]
    for path in (*sources, *tree.included(sources)):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(tree.copy_of(path, VERSION))

    def compiled(source: str) -> str:
        made = f"{source.replace('/', '_')}.o"
        command = [cpu.compiler, *cpu.flags, "-std=c99", "-Wall", "-Wextra", "-Werror", "-O1", "-c", source, "-o", made]
        subprocess.run(command, cwd=tmp_path, check=True)
        return made

    with ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(compiled, sources))
    done = subprocess.run(["nm", "-g", *objects], cwd=tmp_path, capture_output=True, text=True, check=True)
    symbols = [line.split()[-2:] for line in done.stdout.splitlines() if len(line.split()) > 1]
    defined = {name: kind for kind, name in symbols if kind != "U"}
    assert len(defined) >= len(sources)
    assert {name: kind for name, kind in defined.items() if kind not in "VW" or not name.endswith(f"_{VERSION}")} == {}
    wanted = {name for kind, name in symbols if kind == "U"} - set(defined)
    assert [name for name in wanted if name.startswith("ew_")] == []


def test_no_file_calls_what_it_exports() -> None:
    """A weak function is never inlined: the static one that it is an alias of is called instead."""
    tree = read_tree(data_folder("runtime_c"))
    for path, names in tree.defined.items():
        for name in names if path.endswith(".c") else ():
            assert len(re.findall(rf"\b{name}\b", tree.code[path])) == 1, f"{path}: {name}"


def test_includes_are_relative_to_the_file() -> None:
    tree = read_tree(data_folder("runtime_c"))
    for path in tree.texts:
        for _, name in INCLUDE.findall(tree.copy_of(path, VERSION)):
            assert (data_folder("runtime_c") / path).parent.joinpath(name).is_file(), f"{path}: {name}"
