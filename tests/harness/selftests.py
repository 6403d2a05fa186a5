"""Builds generated models into one program for this machine, and runs their self-tests."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from edgewright.emit import Origin, write_directory
from edgewright.plan import Plan
from edgewright.targets import load_cpu

HOST = load_cpu("x86-64")
MAIN = """#include <stdio.h>
#include <stdlib.h>
{includes}
int main(void)
{{
    void *arena;
    int status, failed = 0;
{runs}
    return failed;
}}
"""
RUN = """    if (posix_memalign(&arena, {macro}_ARENA_ALIGN, {macro}_ARENA_BYTES)) return 99;
    status = {name}_selftest(arena);
    if (status != EW_OK) {{ printf("{name}: %d\\n", status); failed = 1; }}
    free(arena);"""


def selftests(plans: Mapping[str, Plan], options: Sequence[str], folder: Path, *, rounds: int = 1) -> tuple[int, str]:
    """Exit status and output of a program that runs the self-test of every plan `rounds` times; (0, "") is success.

    plans: by C name. options: of GCC, sources beside the kernels among them.
    """
    command = ["gcc", "-std=gnu99", "-O1", *options]
    kernels: dict[str, Path] = {}
    for name, plan in plans.items():
        write_directory(plan, Origin(f"{name}.onnx", "00" * 32, HOST.name), name, folder / name, b"")
        command += [f"-I{folder / name}", *(str(path) for path in sorted((folder / name).glob("*.c")))]
        kernels.update({path.name: path for path in sorted((folder / name / "runtime").rglob("*.[cS]"))})
    command += [str(path) for path in kernels.values()]
    includes = "\n".join(f'#include "{name}.h"' for name in plans)
    runs = "\n".join(RUN.format(name=name, macro=name.upper()) for name in plans) * rounds
    (folder / "main.c").write_text(MAIN.format(includes=includes, runs=runs))
    subprocess.run([*command, str(folder / "main.c"), "-o", str(folder / "main")], check=True)
    done = subprocess.run([str(folder / "main")], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
