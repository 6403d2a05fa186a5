"""Which files of `runtime_c` a model needs: its kernels, the threads if any, what they include, nothing else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from edgewright.paths import data_folder
from edgewright.plan import Plan

#: Headers that every generated directory has.
PUBLIC_HEADERS = ("ew.h", "ew_quantize.h", "ew_kernels.h", "ew_fixed_point.h")
#: The pool, when a layer runs on several threads.
THREADS = "threads/ew_threads.c"
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def copy_runtime(plan: Plan, target: Path) -> list[str]:
    """Copy headers and used kernels to `target`; the files to compile, as `runtime/src/...`."""
    runtime = data_folder("runtime_c")
    sources = sorted({source for layer in plan.layers for source in layer.kernel.sources})
    if plan.threads > 1:
        sources.append(THREADS)
    wanted = [f"include/{name}" for name in PUBLIC_HEADERS]
    declared = {name for layer in plan.layers for name in layer.kernel.headers} - {*PUBLIC_HEADERS}
    wanted += [f"src/{name}" for name in [*sources, *{*declared, *included(runtime / "src", sources)}]]
    for path in wanted:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(runtime / path, target / path)
    return [f"runtime/src/{source}" for source in sources]


def included(folder: Path, sources: Iterable[str]) -> list[str]:
    """Headers inside `folder` that the sources include, directly or through each other, sorted."""
    found: set[str] = set()
    frontier = list(sources)
    while frontier:
        source = frontier.pop()
        for name in INCLUDE.findall((folder / source).read_text(encoding="utf-8")):
            for candidate in (str(Path(source).parent / name), name):
                if (folder / candidate).is_file() and candidate not in found:
                    found.add(candidate)
                    frontier.append(candidate)
                    break
    return sorted(found)
