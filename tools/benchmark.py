"""Measures the MLPerf Tiny models on every emulated CPU; writes its pages in docs/ and the table in README.md.

    python tools/benchmark.py [--models kws,ic] [--cpus cortex-m4,cortex-a72] [--check]

`--check` writes nothing and fails when an instruction count or a size is more than 1 % above the recorded one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

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


def regressions(figures: Sequence[Figure], recorded: Sequence[dict[str, Any]]) -> list[str]:
    """One line per figure that grew by more than `TOLERANCE`."""
    old = {(r["model"], r["cpu"], r["goal"]): r for r in recorded}
    lines = []
    for figure in figures:
        before = old.get((figure.model, figure.cpu, figure.goal))
        for key in RATCHETED if before else ():
            have, had = getattr(figure, key), before[key]  # type: ignore[index]
            if have > had * (1 + TOLERANCE):
                lines.append(f"{figure.model} on {figure.cpu} -O {figure.goal}: {key} {have:,}, recorded {had:,}")
    return lines


def tool_versions() -> str:
    """Compiler and emulator that the figures depend on."""
    lines = []
    for command in (["arm-none-eabi-gcc", "-dumpversion"], ["qemu-system-arm", "--version"]):
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
        lines.append(text if command[0].startswith("qemu") else f"GCC {text}")
    return ", ".join(lines)


def main() -> int:
    """Measure, then write or check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", default=",".join(b.name for b in MLPERF_TINY))
    parser.add_argument("--cpus", default=",".join((*CORTEX_M, *RASPBERRY)))
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    folder = model_folder()
    if folder is None:
        print("bench: the MLPerf Tiny models are not here; set EDGEWRIGHT_MODELS to their folder", file=sys.stderr)
        return 2
    wanted = combinations(options.models.split(","), options.cpus.split(","))
    figures = measure_all(wanted, folder)
    recorded = json.loads(RECORD.read_text())["figures"] if RECORD.exists() else []
    if options.check:
        lines = regressions(figures, recorded)
        print("\n".join(lines) or f"{len(figures)} figures within {TOLERANCE:.0%} of the record")
        return 1 if lines else 0
    fresh = {(f.model, f.cpu, f.goal): f for f in figures}
    kept = [Figure(**r) for r in recorded if (r["model"], r["cpu"], r["goal"]) not in fresh]
    order = {key: i for i, key in enumerate(combinations([b.name for b in MLPERF_TINY], [*CORTEX_M, *RASPBERRY]))}
    merged = sorted([*kept, *figures], key=lambda f: order[f.model, f.cpu, f.goal])
    RECORD.write_text(json.dumps({"schema_version": 1, "figures": [f.document() for f in merged]}, indent=1) + "\n")
    peers = tomllib.loads((ROOT / "tools" / "bench" / "peers.toml").read_text())
    PAGE.write_text(page(merged, MLPERF_TINY, peers, tool_versions()))
    KERNEL_PAGE.write_text(kernel_page(merged))
    PICTURE.write_text(picture(merged, MLPERF_TINY, peers["tflm"]))
    README.write_text(replaced(README.read_text(), summary(merged, MLPERF_TINY, peers["tflm"])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
