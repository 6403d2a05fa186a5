"""Host inference through cffi beside ONNX Runtime's int8 on the same model, interleaved in one run.

    python -m tools.bench.host [--models ic,kws]

Times are medians of one thread on this machine: noise, unlike everything else in the benchmark.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime as ort

from edgewright import api
from edgewright.run import open_runner
from tools.bench.models import MLPERF_TINY, ROOT, Benchmark, model_folder

RUNS = 201


def compare(benchmark: Benchmark, models: Path, work: Path) -> tuple[float, float]:
    """Median microseconds of one inference: Edgewright's shared library, ONNX Runtime on the same QDQ model."""
    folder, qdq = work / f"{benchmark.name}_host", work / f"{benchmark.name}_qdq.onnx"
    work.mkdir(parents=True, exist_ok=True)
    model, data = models / benchmark.model, models / benchmark.data
    api.compile(model, "x86-64", data, folder, name=benchmark.name, goal="time", method="minmax")
    api.build(folder)
    api.quantize(model, qdq, data, method="minmax")
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = ort.InferenceSession(str(qdq), options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    real = {entry.name: np.zeros(entry.shape, dtype=np.float32)}
    ours, theirs = [], []
    with open_runner(folder, "host") as runner:
        whole = [np.zeros(t.shape, dtype=np.int8) for t in runner.manifest.inputs]
        for _ in range(RUNS):
            started = time.perf_counter()
            runner.infer(whole)
            middle = time.perf_counter()
            session.run(None, real)
            ours.append(middle - started)
            theirs.append(time.perf_counter() - middle)
    return 1e6 * statistics.median(ours), 1e6 * statistics.median(theirs)


def main() -> int:
    """Print one line per model; 1 when Edgewright is slower on any."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", default=",".join(b.name for b in MLPERF_TINY))
    wanted = parser.parse_args().models.split(",")
    folder = model_folder()
    if folder is None:
        print("bench: the MLPerf Tiny models are not here; set EDGEWRIGHT_MODELS to their folder", file=sys.stderr)
        return 2
    slower = False
    for benchmark in MLPERF_TINY:
        if benchmark.name in wanted:
            ours, theirs = compare(benchmark, folder, ROOT / "build" / "bench")
            slower |= ours > theirs
            figures = f"Edgewright {ours:8.1f} us   ONNX Runtime int8 {theirs:8.1f} us"
            print(f"{benchmark.name:5} {figures}   {theirs / ours:.1f} x")
    return int(slower)


if __name__ == "__main__":
    sys.exit(main())
