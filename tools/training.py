"""Measures what training adds to pruning, for docs/compression.md: `python -m tools.training [NAME ...]`.

No sample that is judged on takes part in choosing, fitting, training or stopping: one half of the data teaches and the
other judges, then the other way around; the image classifier learns from training images and is judged on test images.
Goals are measured one by one and kept in docs/training.json, from which the table is written. Needs PyTorch.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from edgewright import api
from edgewright.blas import on_one_thread
from edgewright.compress import Amount, Judge, Pruner
from edgewright.frontend import load_model
from edgewright.ir import Graph
from edgewright.ops import Op
from edgewright.pipeline import simplified
from edgewright.quantize import Samples, load_samples
from edgewright.verbs.distill import judge_of, with_integer_scales
from edgewright.verbs.onnx_file import write_onnx
from tools.bench.models import ROOT, model_folder
from tools.bench.page import table

PAGE, RECORD = ROOT / "docs" / "compression.md", ROOT / "docs" / "training.json"
BEGIN, END = "<!-- trained: written by `python -m tools.training` -->", "<!-- end of what is trained -->"
#: Seconds of one thread that a training may take.
MOST_SECONDS = 1200.0
#: Samples that choose the scales of int8.
CALIBRATING = 64


@dataclass(frozen=True)
class Goal:
    """A model, how it is pruned and trained, and what top-1 will do.

    learned: files of training samples; none for halves of `data`. fitted: samples of the refit. macs: share of the work
    that is left; 1.0 is the control, which is trained alike. least: top-1 of the float result; drop: points that its
    int8 form may lose against that of the unpruned model.
    """

    name: str
    title: str
    folder: str
    data: str
    learned: tuple[str, ...]
    fitted: int
    macs: float
    options: api.DistillOptions
    least: float | None = None
    drop: float | None = None


SPEECH = api.DistillOptions(epochs=40, lr=0.01, batch=50, augment="spectrogram", mixup=0.5, batch_norm=True)
IMAGES = api.DistillOptions(epochs=10, lr=0.01, batch=64, augment="image", labels=0.3, batch_norm=True)
KWS = Goal("kws", "keyword spotting, DS-CNN", "mlperf_kws_dscnn", "data.npz", (), 250, 0.6, SPEECH, least=0.9)
IC = Goal(
    "ic", "image classification, ResNet8", "mlperf_ic_resnet8", "data_jpeg.npz",
    ("train_jpeg_0.npz", "train_jpeg_1.npz"), 500, 0.6, IMAGES, drop=3.0,
)  # fmt: skip
GOALS = (
    replace(KWS, name="kws-control", macs=1.0, least=None),
    replace(KWS, name="kws-60"),
    replace(IC, name="ic-control", macs=1.0, drop=None),
    replace(IC, name="ic-60"),
    replace(IC, name="ic-50", macs=0.5, drop=5.0),
)


@dataclass(frozen=True)
class Outcome:
    """What became of one goal over all halves: shares of MACs, top-1 of the original, the refit and the trained model
    (float, and int8 of the first and the last), executed instructions, seconds of the processor of one training."""

    macs: float
    original: float
    original_int8: float
    refitted: float
    trained: float
    trained_int8: float
    instructions: int
    seconds: float

    def missed(self, goal: Goal) -> str | None:
        """What it falls short of."""
        if goal.least is not None and self.trained < goal.least:
            return f"top-1 {self.trained:.3f} < {goal.least:g}"
        if goal.drop is not None and 100 * (self.original_int8 - self.trained_int8) > goal.drop:
            return f"int8 top-1 {self.trained_int8:.3f} < {self.original_int8 - goal.drop / 100:.3f}"
        return f"{self.seconds:.0f} s > {MOST_SECONDS:.0f} s" if self.seconds > MOST_SECONDS else None


def main(arguments: Sequence[str]) -> int:
    """Measure, write record and page, and say which goals were missed: the number of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"goals to measure; all of {', '.join(g.name for g in GOALS)}")
    names = parser.parse_args(arguments).names
    folder = model_folder()
    if folder is None:
        print("training: no models; EDGEWRIGHT_MODELS names their folder", file=sys.stderr)
        return 1
    missed = 0
    for goal in GOALS:
        if not names or goal.name in names:
            outcome = measure(goal, folder)
            short = outcome.missed(goal)
            missed += short is not None
            print(goal.name, outcome, short or "", flush=True)
            write(goal, outcome)
    return missed


@on_one_thread
def measure(goal: Goal, folder: Path) -> Outcome:
    """Prune, refit, train and judge one goal."""
    from edgewright.train.distillation import distilled

    path = folder / goal.folder
    graph = simplified(load_model(path / "model.onnx")).graph
    judged, sums, seconds, macs = 0, np.zeros(5), 0.0, 0.0
    trained = graph
    for learned, held_out in splits(graph, path, goal):
        student, share = pruned(graph, learned, goal)
        macs, start = max(macs, share), time.process_time()
        trained, _ = distilled(student, graph, learned, goal.options)
        seconds = max(seconds, time.process_time() - start)
        real, whole = Judge(graph, held_out, held_out.labels), judge_of(graph, held_out, "int8")
        scaled = [with_integer_scales(g, learned.spread(CALIBRATING), "int8", "percentile") for g in (graph, trained)]
        qualities = [real(student), real(trained), *map(whole, scaled)]
        tops = [quality.accuracy for quality in qualities if quality.accuracy is not None]
        sums += len(held_out) * np.array([tops[0][0], tops[2][1], tops[0][1], tops[1][1], tops[3][1]])
        judged += len(held_out)
    original, original_int8, refitted, after, after_int8 = (sums / judged).tolist()
    return Outcome(macs, original, original_int8, refitted, after, after_int8, instructions(trained), seconds)


def splits(graph: Graph[Op], path: Path, goal: Goal) -> list[tuple[Samples, Samples]]:
    """What teaches and what judges."""
    data = load_samples(path / goal.data, graph.inputs)
    if not goal.learned:
        return [(data.every(2, half), data.every(2, 1 - half)) for half in (0, 1)]
    parts = [load_samples(path / name, graph.inputs) for name in goal.learned]
    arrays = tuple(np.concatenate(column) for column in zip(*(part.arrays for part in parts), strict=True))
    labels = np.concatenate([part.labels for part in parts if part.labels is not None])
    return [(replace(parts[0], arrays=arrays, labels=labels), data)]


def pruned(graph: Graph[Op], learned: Samples, goal: Goal) -> tuple[Graph[Op], float]:
    """The student, and its share of the multiply-accumulates."""
    if goal.macs == 1.0:
        return graph, 1.0
    pruner = Pruner(graph, samples=[learned[i] for i in range(min(goal.fitted, len(learned)))])
    whole = pruner.selection.full("macs")
    result = pruner.prune(Amount("macs", goal.macs * whole))
    return result.graph, result.report.after.macs / whole


def instructions(graph: Graph[Op]) -> int:
    """Executed by one inference on a Cortex-M4 with `-O time`, counted under QEMU; they do not depend on data."""
    with tempfile.TemporaryDirectory() as work:
        write_onnx(graph, Path(work) / "trained.onnx")
        options = api.CompileOptions(goal=api.Goal.named("time"), method="minmax")
        api.compile(Path(work) / "trained.onnx", "cortex-m4", "random", Path(work) / "c", options)
        api.build(Path(work) / "c")
        counted = api.profile(Path(work) / "c").instructions
    assert counted is not None, "the emulator counts"
    return counted


def write(goal: Goal, outcome: Outcome) -> None:
    """Keep the outcome, and put the table of all that are kept between the markers of the page."""
    kept = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else {}
    kept[goal.name] = asdict(outcome)
    RECORD.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    rows = [row(goal, Outcome(**kept[goal.name])) for goal in GOALS if goal.name in kept]
    head = [
        "model",
        "MACs left",
        "float",
        "int8",
        "refitted",
        "trained",
        "trained, int8",
        "goal",
        "M4 instructions",
        "CPU s",
    ]
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table(head, rows)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def row(goal: Goal, outcome: Outcome) -> list[str]:
    """One line of the table."""
    wanted = "control" if goal.macs == 1.0 else f"float {goal.least:g}"
    if goal.drop is not None:
        wanted = f"int8 {outcome.original_int8 - goal.drop / 100:.3f}"
    return [
        goal.title, f"{100 * outcome.macs:.1f} %", f"{outcome.original:.3f}", f"{outcome.original_int8:.3f}",
        f"{outcome.refitted:.3f}", f"**{outcome.trained:.3f}**", f"**{outcome.trained_int8:.3f}**",
        wanted + (" (missed)" if outcome.missed(goal) else ""), f"{outcome.instructions:,}", f"{outcome.seconds:.0f}",
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
