"""Measures what pruning keeps and writes the tables of docs/compression.md: `python -m tools.compression [NAME ...]`.

No sample that is judged on takes part in choosing or fitting: one half of the data calibrates and the other judges,
then the other way around; the image classifier calibrates on training images and is judged on test images.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgewright.blas import on_one_thread
from edgewright.compress import Amount, Judge, Pruner, Quality, affordable
from edgewright.frontend import load_model
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.pipeline import simplified
from edgewright.quantize import Samples, load_samples
from tools.bench.models import ROOT, model_folder
from tools.bench.page import table

PAGE = ROOT / "docs" / "compression.md"
BEGIN, END = "<!-- measured: written by `python -m tools.compression` -->", "<!-- end of what is measured -->"


@dataclass(frozen=True)
class Goal:
    """A model at a share of its multiply-accumulates, and the least top-1 that will do. calib: None for halves."""

    title: str
    folder: str
    data: str
    calib: str | None
    samples: int
    macs: float
    least: float


KWS = ("keyword spotting, DS-CNN", "mlperf_kws_dscnn", "data.npz", None, 250)
IC = ("image classification, ResNet8", "mlperf_ic_resnet8", "data_jpeg.npz", "train_jpeg_0.npz", 500)
VWW = ("visual wake words, MobileNetV1", "mlperf_vww_mbv1", "data.npz", None, 64)
GOALS = (
    *(Goal(*KWS, macs, least) for macs, least in ((0.6, 0.885), (0.55, 0.87), (0.42, 0.83))),
    *(Goal(*IC, macs, least) for macs, least in ((0.58, 0.64), (0.5, 0.585))),
    Goal(*VWW, 0.67, 0.819),
)
#: Models pruned by 30 % of their channels, halves as above; what comes of it is stated, not demanded.
OTHERS = {
    "ppocr_cls_mobile": "data.npz",
    "ulface_slim320": "data.npz",
    "mlperf_ad_autoencoder": "data.npz",
    "mlperf_sww_1dcnn": "data.npz",
    "zoo_mnist8": "data.npz",
    "espdl_mnist_mlp": "data.npz",
    "espdl_streaming": "data.npz",
}
#: Seconds of one thread that a goal may take.
MOST_SECONDS = 60.0


@dataclass(frozen=True)
class Outcome:
    """What became of one goal over all halves. raw_l1, raw, refitted: top-1. seconds: of the processor, of one half."""

    macs: float
    original: float
    raw_l1: float
    raw: float
    refitted: float
    agreement: float
    seconds: float


def main(arguments: Sequence[str]) -> int:
    """Measure, write the page, and say which goals were missed: the number of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="folders of the models to measure; all, and the page is written")
    names = parser.parse_args(arguments).names
    folder = model_folder()
    if folder is None:
        print("compression: no models; EDGEWRIGHT_MODELS names their folder", file=sys.stderr)
        return 1
    rows, missed = [], 0
    for goal in GOALS:
        if not names or goal.folder in names:
            outcome = measure(goal, folder)
            met = outcome.refitted >= goal.least and outcome.seconds <= MOST_SECONDS
            missed += not met
            rows.append(goal_row(goal, outcome, met))
            print(" | ".join(rows[-1]), flush=True)
    others = []
    for name, data in OTHERS.items():
        if not names or name in names:
            others.append(other_row(name, folder / name / "model.onnx", folder / name / data))
            print(" | ".join(others[-1]), flush=True)
    if not names:
        write_page(rows, others)
    return missed


@on_one_thread
def measure(goal: Goal, folder: Path) -> Outcome:
    """Prune, refit and judge one goal, halves both ways."""
    path = folder / goal.folder
    graph = simplified(load_model(path / "model.onnx")).graph
    judged, sums = 0, np.zeros(5)
    seconds = macs = 0.0
    for calibration, held_out in splits(graph, path, goal):
        samples = [calibration[i] for i in range(min(goal.samples, len(calibration)))]
        judge, start = Judge(graph, held_out, held_out.labels), time.process_time()
        pruner = Pruner(graph, samples=samples)
        amount = Amount("macs", goal.macs * pruner.selection.full("macs"))
        fitted = pruner.prune(amount)
        seconds = max(seconds, time.process_time() - start)
        macs = max(macs, fitted.report.after.macs / pruner.selection.full("macs"))
        cut = (Pruner(graph, "l1").prune(amount), pruner.prune(amount, refitting=False), fitted)
        sums += len(held_out) * np.array(shares([judge(result.graph) for result in cut]))
        judged += len(held_out)
    original, raw_l1, raw, refitted, agreement = (sums / judged).tolist()
    return Outcome(macs, original, raw_l1, raw, refitted, agreement, seconds)


def shares(qualities: Sequence[Quality]) -> list[float]:
    """Top-1 before, after each of the cuts, and the agreement of the last one."""
    tops = [quality.accuracy for quality in qualities if quality.accuracy is not None]
    agreement = qualities[-1].agreement
    assert agreement is not None
    return [tops[0][0], *(after for _, after in tops), agreement]


def splits(graph: Graph[Op], path: Path, goal: Goal) -> Iterator[tuple[Samples, Samples]]:
    """What calibrates and what judges."""
    data = load_samples(path / goal.data, graph.inputs)
    if goal.calib is not None:
        yield load_samples(path / goal.calib, graph.inputs), data
        return
    for half in (0, 1):
        yield data.every(2, half), data.every(2, 1 - half)


@on_one_thread
def other_row(name: str, model: Path, data: Path) -> list[str]:
    """One model without 30 % of its channels, half of its data judging."""
    graph = simplified(load_model(model)).graph
    samples = load_samples(data, graph.inputs)
    calibration, held_out = samples.every(2, 0), samples.every(2, 1).first(500)
    judge, start = Judge(graph, held_out, held_out.labels), time.process_time()
    used = list(calibration.spread(min(256, affordable(graph))))
    result = Pruner(graph, samples=used).prune(Amount("channels", 0.3))
    seconds = time.process_time() - start
    report, quality = result.report, judge(result.graph)
    return [
        name, f"{len(used)}", f"{100 * report.after.macs / report.before.macs:.1f} %", f"{report.cut_difference:.0e}",
        answers(quality), ", ".join(f"{db:.1f}" for db in quality.snr_db.values()), f"{seconds:.0f}",
    ]  # fmt: skip


def goal_row(goal: Goal, outcome: Outcome, met: bool) -> list[str]:
    """One line of the table of goals."""
    return [
        goal.title, f"{100 * outcome.macs:.1f} %", f"{outcome.original:.3f}", f"{outcome.raw_l1:.3f}",
        f"{outcome.raw:.3f}", f"**{outcome.refitted:.3f}**", f"{goal.least:g}{'' if met else ' (missed)'}",
        f"{outcome.agreement:.3f}", f"{outcome.seconds:.0f}",
    ]  # fmt: skip


def answers(quality: Quality) -> str:
    """Top-1 before and after, else agreement, else nothing."""
    if quality.accuracy is not None:
        return f"{quality.accuracy[0]:.3f} → {quality.accuracy[1]:.3f}"
    return "-" if quality.agreement is None else f"agree {quality.agreement:.3f}"


def write_page(rows: Sequence[Sequence[str]], others: Sequence[Sequence[str]]) -> None:
    """Put the tables between the markers of the page."""
    head = ["model", "MACs left", "float", "l1, raw", "obs, raw", "obs, refitted", "goal", "agreement", "CPU s"]
    other_head = ["model", "samples", "MACs left", "cut against mask", "top-1", "outputs, dB", "CPU s"]
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    tables = f"{table(head, rows)}\n\n{table(other_head, others)}"
    PAGE.write_text(f"{before}{BEGIN}\n{tables}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
