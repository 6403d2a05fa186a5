"""Inference on one thread beside several: times on this machine, or exact counts for a CPU.

    python -m tools.bench.threads [--models ic,vww] [--threads 2,4] [--count cortex-a72]

Times are those of the run alone, through cffi, interleaved: noise, above all where others want the processors, too.
--count: executed instructions instead, as the table of docs/threads.md.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
from pathlib import Path
from typing import Any

import numpy as np

from edgewright import api
from edgewright.run import Runner, open_runner
from tools.bench.models import MLPERF_TINY, ROOT, Benchmark, model_folder
from tools.bench.page import table

ROUNDS, RUNS = 100, 10


def times(benchmark: Benchmark, models: Path, work: Path, counts: list[int]) -> dict[int, list[float]]:
    """Microseconds of `ROUNDS` * `RUNS` inferences by number of threads, `RUNS` in a row."""
    found: dict[int, list[float]] = {count: [] for count in counts}
    with contextlib.ExitStack() as stack:
        runners = {count: stack.enter_context(_opened(benchmark, models, work, count)) for count in counts}
        for _ in range(ROUNDS):
            for count, runner in runners.items():
                inputs = [np.zeros(t.shape, dtype=np.int8) for t in runner.manifest.inputs]
                for _ in range(RUNS):
                    runner.infer(inputs)
                    found[count].append((runner.last_cost.time or 0) / 1000)
    return found


def _opened(benchmark: Benchmark, models: Path, work: Path, threads: int) -> Runner:
    folder, _ = _built(benchmark, models, work, "x86-64", threads)
    return open_runner(folder, "host")


def _built(benchmark: Benchmark, models: Path, work: Path, cpu: str, threads: int) -> tuple[Path, api.Compiled]:
    """A compiled and built folder, and its compile report."""
    folder = work / f"{benchmark.name}_{cpu}_threads{threads}"
    paths = (models / benchmark.model, cpu, models / benchmark.data, folder)
    compiled = api.compile(*paths, name=benchmark.name, goal="time", method="minmax", threads=threads)
    api.build(folder)
    return folder, compiled


def counts_row(benchmark: Benchmark, models: Path, work: Path, cpu: str, threads: int) -> list[Any]:
    """What one inference executes, all shares and only the longest of each layer; arena; layers on threads."""
    folder, compiled = _built(benchmark, models, work, cpu, threads)
    counted = api.profile(folder)
    assert counted.instructions is not None, "the emulator counts them"
    shares = [layer.threads for layer in compiled.manifest.layers]
    layers = [layer.instructions for layer in counted.layers]
    path = sum(cost / count for cost, count in zip(layers, shares, strict=True)) + counted.instructions - sum(layers)
    divided = f"{sum(count > 1 for count in shares)} of {len(shares)}"
    return [benchmark.name, threads, counted.instructions, round(path), compiled.manifest.arena_bytes, divided]


def main() -> int:
    """Print the median and the fastest run of each model and number of threads, or the table of counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", default=",".join(b.name for b in MLPERF_TINY))
    parser.add_argument("--threads", default="2")
    parser.add_argument("--count", metavar="CPU")
    options = parser.parse_args()
    counts = [1, *(int(count) for count in options.threads.split(","))]
    folder = model_folder()
    if folder is None:
        print("bench: the MLPerf Tiny models are not here; set EDGEWRIGHT_MODELS to their folder", file=sys.stderr)
        return 2
    work = ROOT / "build" / "bench"
    chosen = [benchmark for benchmark in MLPERF_TINY if benchmark.name in options.models.split(",")]
    if options.count:
        rows = [counts_row(b, folder, work, options.count, count) for b in chosen for count in counts]
        print(table(["model", "`-j`", "instructions", "of the longest path", "arena bytes", "layers on threads"], rows))
        return 0
    for benchmark in chosen:
        for count, taken in times(benchmark, folder, work, counts).items():
            median = statistics.median(taken)
            print(f"{benchmark.name:5} -j {count:<2} median {median:8.1f} us   fastest {min(taken):8.1f} us")
    return 0


if __name__ == "__main__":
    sys.exit(main())
