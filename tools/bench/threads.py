"""Host inference on one thread beside several, interleaved in one run.

    python -m tools.bench.threads [--models ic,vww] [--threads 2,4]

Times are those of the run alone, through cffi, on this machine: noise, above all where others want the processors, too.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
from pathlib import Path

import numpy as np

from edgewright import api
from edgewright.run import Runner, open_runner
from tools.bench.models import MLPERF_TINY, ROOT, Benchmark, model_folder

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
    folder = work / f"{benchmark.name}_threads{threads}"
    paths = (models / benchmark.model, "x86-64", models / benchmark.data, folder)
    api.compile(*paths, name=benchmark.name, goal="time", method="minmax", threads=threads)
    api.build(folder)
    return open_runner(folder, "host")


def main() -> int:
    """Print the median and the fastest run of each model and number of threads."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", default=",".join(b.name for b in MLPERF_TINY))
    parser.add_argument("--threads", default="2")
    options = parser.parse_args()
    counts = [1, *(int(count) for count in options.threads.split(","))]
    folder = model_folder()
    if folder is None:
        print("bench: the MLPerf Tiny models are not here; set EDGEWRIGHT_MODELS to their folder", file=sys.stderr)
        return 2
    for benchmark in MLPERF_TINY:
        if benchmark.name in options.models.split(","):
            found = times(benchmark, folder, ROOT / "build" / "bench", counts)
            for count, taken in found.items():
                median = statistics.median(taken)
                print(f"{benchmark.name:5} -j {count:<2} median {median:8.1f} us   fastest {min(taken):8.1f} us")
    return 0


if __name__ == "__main__":
    sys.exit(main())
