"""What 4-bit weights without training keep, measured and written to docs/compression.md: `python -m tools.rounding`.

No sample that is judged on takes part in choosing or rounding: one half of the data calibrates and the other judges,
then the other way around; the image classifier calibrates on training images, the autoencoder on the first half of its
windows. Sizes and instructions are those of the first half's model.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgewright import api
from edgewright.blas import on_one_thread
from edgewright.frontend import load_model
from edgewright.ir.archive import read_npz
from edgewright.pipeline import integer_form, simplified, with_scales
from edgewright.quantize import in_model_order, load_samples, quantized_inputs, run_float, run_integer
from tools.bench.models import ROOT, model_folder
from tools.bench.page import table

PAGE = ROOT / "docs" / "compression.md"
BEGIN, END = "<!-- rounding: written by `python -m tools.rounding` -->", "<!-- end of rounding -->"


@dataclass(frozen=True)
class Program:
    """One program that is built and counted: its CPU and goal, and what it may take; None for "is not asked"."""

    cpu: str
    goal: str
    flash_bytes: int | None = None
    instructions: int | None = None


@dataclass(frozen=True)
class Goal:
    """A model with weights of 4 bits, and what it shall keep.

    weights, method: as of `compile`. calib: None for halves of `data`. points: of top-1 that may be lost. agreement:
    with the float model, at least. parameters: bytes of weights, biases and multipliers, at most.
    """

    title: str
    folder: str
    data: str
    calib: str | None
    weights: str
    method: str = "auto"
    points: float | None = None
    agreement: float | None = None
    parameters: int | None = None
    programs: tuple[Program, ...] = ()


KWS = ("keyword spotting, DS-CNN", "mlperf_kws_dscnn", "data.npz", None)
IC = ("image classification, ResNet8", "mlperf_ic_resnet8", "data_jpeg.npz", "train_jpeg_0.npz")
VWW = ("visual wake words, MobileNetV1", "mlperf_vww_mbv1", "data.npz", None)
SWW = ("streaming wake word, 1-D CNN", "mlperf_sww_1dcnn", "data.npz", None)
GOALS = (
    Goal(*KWS, "int8"),
    Goal(
        *KWS, "int4", points=1.0, agreement=0.98,
        programs=(Program("cortex-m4", "flash", 26_500), Program("cortex-m0plus", "time", None, 8_200_000)),
    ),
    Goal(*IC, "int8"),
    Goal(*IC, "mixed:0.75", agreement=0.96, parameters=51_500),
    Goal(*IC, "int4"),
    Goal(*VWW, "int8"),
    Goal(*VWW, "mixed:0.9", points=1.0, agreement=0.975, programs=(Program("cortex-m4", "flash", 40_000),)),
    Goal(*VWW, "int4"),
    Goal(*SWW, "int4"),
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """Of one goal over all halves. top_1: of the float model and of the integers. seconds: of the processor, a half."""

    top_1: tuple[float, float]
    agreement: float
    parameters: int
    recipes: tuple[str, ...]
    flash_bytes: tuple[int, ...]
    instructions: tuple[int, ...]
    seconds: float

    def short_of(self, goal: Goal) -> list[str]:
        """What it misses, in words."""
        missed = []
        if goal.points is not None and 100 * (self.top_1[0] - self.top_1[1]) > goal.points + 1e-9:
            missed.append(f"top-1 {self.top_1[1]:.4f}, float {self.top_1[0]:.4f}")
        if goal.agreement is not None and self.agreement < goal.agreement:
            missed.append(f"agreement {self.agreement:.4f} of {goal.agreement}")
        if goal.parameters is not None and self.parameters > goal.parameters:
            missed.append(f"parameters {self.parameters:,} of {goal.parameters:,}")
        for program, flash, instructions in zip(goal.programs, self.flash_bytes, self.instructions, strict=True):
            if program.flash_bytes is not None and flash > program.flash_bytes:
                missed.append(f"flash {flash:,} of {program.flash_bytes:,}")
            if program.instructions is not None and instructions > program.instructions:
                missed.append(f"instructions {instructions:,} of {program.instructions:,}")
        return missed


def main(arguments: Sequence[str]) -> int:
    """Measure, write the page, and say which goals were missed: the number of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="folders of the models to measure; all, and the page is written")
    names = parser.parse_args(arguments).names
    folder = model_folder()
    if folder is None:
        print("rounding: no models; EDGEWRIGHT_MODELS names their folder", file=sys.stderr)
        return 1
    rows, missed = [], 0
    for goal in GOALS:
        if not names or goal.folder in names:
            outcome = measure(goal, folder)
            missed += bool(outcome.short_of(goal))
            rows.append(goal_row(goal, outcome))
            print(" | ".join(rows[-1]), flush=True)
    anomaly_rows = []
    if not names or AUTOENCODER in names:
        for weights in ("int8", "mixed:0.993", "int4"):
            found = autoencoder(folder, weights)
            missed += bool(weights.startswith("mixed") and found.short)
            anomaly_rows.append(found.row(weights))
            print(" | ".join(anomaly_rows[-1]), flush=True)
    if not names:
        write_page(rows, anomaly_rows)
    return missed


@on_one_thread
def measure(goal: Goal, folder: Path) -> Outcome:
    """Round, judge, build and count one goal, halves both ways."""
    with tempfile.TemporaryDirectory() as kept:
        path, sums, judged, seconds = Path(kept), np.zeros(3), 0, 0.0
        recipes, parameters, flash, instructions = [], [], [], []
        for half, (calib, held_out) in enumerate(splits(goal, folder, path)):
            start = time.process_time()
            made = api.quantize(
                folder / goal.folder / "model.onnx", path / "q.onnx", calib,
                weights=goal.weights, method=goal.method, max_drop=100.0,
            )  # fmt: skip
            seconds = max(seconds, time.process_time() - start)
            recipes.append(made.quantization["method"])
            parameters.append(parameter_bytes(path / "q.onnx", made.quantization["weights"]))
            wanted, got, labels = answers(folder / goal.folder / "model.onnx", path / "q.onnx", held_out)
            tops = [y.argmax(axis=1) for y in (wanted, got)]
            sums += [(tops[0] == labels).sum(), (tops[1] == labels).sum(), (tops[0] == tops[1]).sum()]
            judged += len(labels)
            if half == 0:
                for program in goal.programs:
                    sizes = counted(path / "q.onnx", program, path / "c")
                    flash.append(sizes[0])
                    instructions.append(sizes[1])
    before, after, agreement = (sums / judged).tolist()
    return Outcome(
        (before, after),
        agreement,
        max(parameters),
        tuple(dict.fromkeys(recipes)),
        tuple(flash),
        tuple(instructions),
        seconds,
    )


def splits(goal: Goal, folder: Path, scratch: Path) -> Iterator[tuple[Path, Path]]:
    """Files of what calibrates and of what judges."""
    data = folder / goal.folder / goal.data
    if goal.calib is not None:
        yield folder / goal.folder / goal.calib, data
        return
    arrays = read_npz(data)
    halves = [halved(arrays, slice(k, None, 2), scratch / f"half{k}.npz") for k in (0, 1)]
    yield halves[0], halves[1]
    yield halves[1], halves[0]


def halved(arrays: Mapping[str, object], part: slice, to: Path) -> Path:
    """A part of the samples of a data file, as a file."""
    kept: dict[str, Any] = {key: np.asarray(data) for key, data in arrays.items()}
    np.savez(to, **{key: data[part] if data.ndim else data for key, data in kept.items()})
    return to


def answers(original: Path, quantized: Path, data: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First outputs of the float model and of the integers, [samples, elements] each, and labels (or zeros)."""
    graph = simplified(load_model(original)).graph
    integer = integer_form(with_scales(simplified(load_model(quantized)), None).graph)
    samples, rows = load_samples(data, graph.inputs), []
    for sample in samples:
        value = integer.outputs[0]
        assert value.quant is not None
        got = value.quant.dequantize(
            in_model_order(run_integer(integer, quantized_inputs(integer, sample))[0], value.model_perm)
        )
        rows.append((run_float(graph, sample)[0].reshape(-1), got.reshape(-1)))
    wanted, got = (np.stack(column) for column in zip(*rows, strict=True))
    return wanted, got, np.zeros(len(samples), int) if samples.labels is None else samples.labels


def parameter_bytes(quantized: Path, weights: Mapping[str, object]) -> int:
    """Bytes of weights, biases and multipliers: 8 for every channel, and what its bits take for every weight."""
    layers = weights.get("layers")
    if isinstance(layers, list):
        return sum(int(layer["bytes"]) for layer in layers)
    graph = simplified(load_model(quantized)).graph
    constants = [node.operand(1) for node in graph.nodes if len(node.inputs) > 1 and node.operand(1).is_const]
    return sum(value.size + 8 * value.shape[0] for value in constants)


def counted(quantized: Path, program: Program, scratch: Path) -> tuple[int, int]:
    """Flash and instructions of the model as one program."""
    api.compile(quantized, program.cpu, None, scratch, goal=program.goal)
    flash, instructions = api.build(scratch).flash_bytes, 0
    if program.instructions is not None:
        instructions = api.profile(scratch).instructions or 0
    shutil.rmtree(scratch)
    return flash, instructions


def goal_row(goal: Goal, outcome: Outcome) -> list[str]:
    """One line of the table of goals."""
    programs = [
        f"{f'{i:,} instructions' if p.instructions else f'{f:,} bytes of flash'} ({p.cpu})"
        for p, f, i in zip(goal.programs, outcome.flash_bytes, outcome.instructions, strict=True)
    ]
    return [
        goal.title, goal.weights, ", ".join(outcome.recipes), f"{outcome.parameters:,}",
        f"{outcome.top_1[0]:.3f} → {outcome.top_1[1]:.3f}", f"{outcome.agreement:.3f}", "; ".join(programs),
        f"{outcome.seconds:.0f}", "; ".join(outcome.short_of(goal)) or "-",
    ]  # fmt: skip


AUTOENCODER, WINDOWS = "mlperf_ad_autoencoder", "sinian_ad/data.npz"


@dataclass(frozen=True)
class Anomalies:
    """The autoencoder on windows that it was not calibrated on.

    growth: of its reconstruction error, percent. difference: mean squared, to the float output. rank: Spearman's
    correlation of the anomaly score with the float model's, over normal windows and five kinds of anomalies.
    """

    recipe: str
    growth: float
    difference: float
    rank: float
    flash_bytes: int
    instructions: int

    @property
    def short(self) -> list[str]:
        """What it misses of the goal for 4 bits, in words."""
        limits = (
            ("error %", self.growth, 0.8), ("difference", self.difference, 0.18), ("1 - rank", 1 - self.rank, 0.006),
            ("flash", self.flash_bytes, 148_500), ("instructions", self.instructions, 270_000),
        )  # fmt: skip
        return [f"{name} {value:.4g} of {most:g}" for name, value, most in limits if value > most]

    def row(self, weights: str) -> list[str]:
        """One line of its table."""
        short = "" if weights == "int8" else "; ".join(self.short) or "-"
        return [
            weights, self.recipe, f"{self.growth:+.2f} %", f"{self.difference:.3f}", f"{self.rank:.4f}",
            f"{self.flash_bytes:,}", f"{self.instructions:,}", short,
        ]  # fmt: skip


@on_one_thread
def autoencoder(folder: Path, weights: str, method: str = "wide+auto") -> Anomalies:
    """Calibrated on the first half of its windows and judged on the second."""
    with tempfile.TemporaryDirectory() as kept:
        path, arrays = Path(kept), read_npz(folder / WINDOWS)
        calib = halved(arrays, slice(0, 98), path / "calib.npz")
        model = folder / AUTOENCODER / "model.onnx"
        made = api.quantize(model, path / "q.onnx", calib, weights=weights, method=method, max_drop=100.0)
        judged = load_samples(
            halved(arrays, slice(98, None), path / "held.npz"), simplified(load_model(model)).graph.inputs
        )
        normal = np.stack([sample[0].reshape(-1) for sample in judged])
        groups = [normal, *synthetic_anomalies(normal)]
        np.savez(path / "all.npz", x=np.concatenate(groups).astype(np.float32))
        wanted, got, _ = answers(model, path / "q.onnx", path / "all.npz")
        flash, instructions = counted(path / "q.onnx", Program("cortex-m4", "time", 0, 1), path / "c")
    x = np.concatenate(groups)
    scores = [np.square(y - x).mean(axis=1) for y in (wanted, got)]
    errors = [float(score[: len(normal)].mean()) for score in scores]
    ranks = [score.argsort().argsort() for score in scores]
    return Anomalies(
        made.quantization["method"], 100 * (errors[1] / errors[0] - 1),
        float(np.square(got - wanted)[: len(normal)].mean()), float(np.corrcoef(*ranks)[0, 1]), flash, instructions,
    )  # fmt: skip


def synthetic_anomalies(x: np.ndarray) -> list[np.ndarray]:
    """Windows [n, 5 * 128] of log energies with noise, a tone, another gain, a shifted spectrum, and an impulse."""
    rng, frames = np.random.default_rng(7), x.reshape(-1, 5, 128)
    tone, impulse = frames.copy(), frames.copy()
    tone[:, :, 60:65] += 15
    impulse[:, 2] += 12
    found = [x + 3 * rng.standard_normal(x.shape), tone, x - 6, np.roll(frames, 8, axis=2), impulse]
    return [kind.reshape(len(x), -1) for kind in found]


def write_page(rows: Sequence[Sequence[str]], anomalies: Sequence[Sequence[str]]) -> None:
    """Put the tables between the markers of the page."""
    head = ["model", "weights", "recipe", "parameters", "top-1", "agreement", "program", "CPU s", "short of the goal"]
    other = ["weights", "recipe", "error", "difference", "rank", "flash", "instructions", "short of the goal"]
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(
        f"{before}{BEGIN}\n{table(head, rows)}\n\n{table(other, anomalies)}\n{END}{after}", encoding="utf-8"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
