"""Measures the MLPerf Tiny models on every emulated CPU; writes its pages in docs/ and the table in README.md.

    python tools/benchmark.py [--models kws,ic] [--cpus cortex-m4,cortex-a72] [--check]

The record holds the figures of several compilers; what is measured replaces those of the compiler that is installed.
CPUs whose emulator cannot count here are named and left out. The pages show `SHOWN`. `--check` writes nothing and fails
when an instruction count or a size is more than 1 % above the recorded one of the same compiler, or when there is none.
`--pages` measures nothing and writes the pages from the record: a new kernel stands on one of them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.harness.counting import uncounted

from tools.bench.kernel_page import kernel_page
from tools.bench.measure import Figure, measure
from tools.bench.models import MLPERF_TINY, ROOT, model_folder
from tools.bench.page import CORTEX_M, RASPBERRY, page
from tools.bench.picture import picture
from tools.bench.summary import replaced, summary

RECORD = ROOT / "docs" / "benchmarks.json"
PAGE = ROOT / "docs" / "benchmarks.md"
README = ROOT / "README.md"
KERNEL_PAGE = ROOT / "docs" / "kernels.md"
PICTURE = ROOT / "docs" / "benchmarks.svg"
WORK = ROOT / "build" / "bench"
TOLERANCE = 0.01
#: The compiler whose figures the pages show; those of the peers come from its generation.
SHOWN = "GCC 12.2"
RATCHETED = ("instructions", "flash_bytes", "ram_bytes")


def combinations(models: Sequence[str], cpus: Sequence[str]) -> list[tuple[str, str, str]]:
    """(model, cpu, goal) to measure: time everywhere; on Cortex-M4 every goal."""
    found = []
    for benchmark in MLPERF_TINY:
        for cpu in (*CORTEX_M, *RASPBERRY):
            if benchmark.name in models and cpu in cpus:
                goals = ("time", "balanced", "flash", "ram") if cpu == "cortex-m4" else ("time",)
                found += [(benchmark.name, cpu, goal) for goal in goals]
    return found


def measure_all(wanted: Sequence[tuple[str, str, str]], models: Path) -> list[Figure]:
    """Figures in the order of `wanted`; two at a time."""
    by_name = {b.name: b for b in MLPERF_TINY}

    def one(item: tuple[str, str, str]) -> Figure:
        name, cpu, goal = item
        figure = measure(by_name[name], models, cpu, goal, WORK)
        print(f"{name:5} {cpu:14} {goal:9} {figure.instructions:>12,} instructions  {figure.flash_bytes:>9,} flash "
              f"{figure.ram_bytes:>8,} RAM", file=sys.stderr, flush=True)  # fmt: skip
        return figure

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, wanted))


def read_record() -> list[Figure]:
    """The figures of `RECORD`, of all compilers."""
    return [Figure(**row) for row in json.loads(RECORD.read_text())["figures"]]


def regressions(figures: Sequence[Figure], recorded: Sequence[Figure]) -> list[str]:
    """One line per figure that grew by more than `TOLERANCE`, or that was not recorded with its compiler."""
    old = {figure.key: figure for figure in recorded}
    lines = []
    for figure in figures:
        what, before = f"{figure.model} on {figure.cpu} -O {figure.goal}", old.get(figure.key)
        if before is None:
            lines.append(f"{what}: not recorded with {figure.compiler}")
            continue
        for key in RATCHETED:
            have, had = getattr(figure, key), getattr(before, key)
            if have > had * (1 + TOLERANCE):
                lines.append(f"{what}: {key} {have:,}, recorded {had:,}")
    return lines


def main() -> int:
    """Measure, then write or check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", default=",".join(b.name for b in MLPERF_TINY))
    parser.add_argument("--cpus", default=",".join((*CORTEX_M, *RASPBERRY)))
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--pages", action="store_true")
    options = parser.parse_args()
    if options.pages:
        write(read_record())
        return 0
    folder = model_folder()
    if folder is None:
        print("bench: the MLPerf Tiny models are not here; set EDGEWRIGHT_MODELS to their folder", file=sys.stderr)
        return 2
    problems = {cpu: uncounted(cpu) for cpu in options.cpus.split(",")}
    wanted = combinations(options.models.split(","), [cpu for cpu, problem in problems.items() if not problem])
    for problem in dict.fromkeys(filter(None, problems.values())):
        left_out = ", ".join(cpu for cpu, why in problems.items() if why == problem)
        print(f"bench: {left_out} left out: {problem}", file=sys.stderr)
    figures = measure_all(wanted, folder)
    recorded = read_record()
    if options.check:
        lines = regressions(figures, recorded)
        print("\n".join(lines) or f"{len(figures)} figures within {TOLERANCE:.0%} of the record")
        return 1 if lines else 0
    write(merged(recorded, figures))
    return 0


def merged(recorded: Sequence[Figure], fresh: Sequence[Figure]) -> list[Figure]:
    """The record with `fresh` figures in place of older ones; by compiler, in the order of the combinations."""
    order = {key: i for i, key in enumerate(combinations([b.name for b in MLPERF_TINY], [*CORTEX_M, *RASPBERRY]))}
    figures = {figure.key: figure for figure in (*recorded, *fresh)}.values()
    return sorted(figures, key=lambda f: (f.compiler, order[f.model, f.cpu, f.goal]))


def write(figures: Sequence[Figure]) -> None:
    """The record, and the pages of the compiler that is shown; layers are recorded of that one only."""
    rows = [(f if f.compiler == SHOWN else replace(f, layers=[])).document() for f in figures]
    RECORD.write_text(json.dumps({"schema_version": 2, "figures": rows}, indent=1) + "\n")
    shown = [figure for figure in figures if figure.compiler == SHOWN]
    peers = tomllib.loads((ROOT / "tools" / "bench" / "peers.toml").read_text())
    PAGE.write_text(page(shown, MLPERF_TINY, peers, SHOWN))
    KERNEL_PAGE.write_text(kernel_page(shown))
    PICTURE.write_text(picture(shown, MLPERF_TINY, peers["tflm"]))
    README.write_text(replaced(README.read_text(), summary(shown, MLPERF_TINY, peers["tflm"])))


if __name__ == "__main__":
    sys.exit(main())
