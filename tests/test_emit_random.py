"""Random graphs as C: the self-test of each passes, under both sanitizers, in an arena of exactly its size."""

import contextlib
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgewright.emit import Origin, write_directory
from edgewright.errors import UnsupportedError
from edgewright.paths import data_folder
from edgewright.plan import Plan, make_plan
from edgewright.targets import load_cpu
from tests.test_graph_strategies import STEPS, build_graph, quantized

HOST = load_cpu("x86-64")
RUNTIME = data_folder("runtime_c")
GOALS = ("balanced", "ram", "time")
GRAPHS = 16
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


def plans(isas: tuple[str, ...], first_seed: int) -> dict[str, Plan]:
    """Plans of random graphs by name, for every goal in turn."""
    found: dict[str, Plan] = {}
    seed = first_seed
    while len(found) < GRAPHS:
        rng = np.random.default_rng(seed)
        kinds = [str(kind) for kind in rng.choice(sorted(STEPS), rng.integers(4, 14))]
        with contextlib.suppress(UnsupportedError):  # nothing but reshapes
            found[f"g{seed}"] = make_plan(quantized(build_graph(kinds, seed)), isas, GOALS[seed % len(GOALS)])
        seed += 1
    return found


@pytest.mark.parametrize("isas", [("c",), HOST.isas], ids=lambda isas: isas[0])
def test_selftests_pass(isas: tuple[str, ...], tmp_path: Path) -> None:
    made = plans(isas, first_seed=1000 if isas == ("c",) else 2000)
    command = ["gcc", "-std=gnu99", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    command += [*(HOST.flags if isas != ("c",) else ()), f"-I{RUNTIME / 'include'}", f"-I{RUNTIME / 'src'}"]
    kernels: set[str] = set()
    for name, plan in made.items():
        write_directory(plan, Origin(f"{name}.onnx", "00" * 32, HOST.name), name, tmp_path / name, b"")
        command += [f"-I{tmp_path / name}", *(str(path) for path in sorted((tmp_path / name).glob("*.c")))]
        kernels.update(source for layer in plan.layers for source in layer.kernel.sources)
    command += [str(RUNTIME / "src" / source) for source in sorted(kernels)]
    includes = "\n".join(f'#include "{name}.h"' for name in made)
    runs = "\n".join(RUN.format(name=name, macro=name.upper()) for name in made)
    (tmp_path / "main.c").write_text(MAIN.format(includes=includes, runs=runs))
    subprocess.run([*command, str(tmp_path / "main.c"), "-o", str(tmp_path / "main")], check=True)
    done = subprocess.run([str(tmp_path / "main")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
