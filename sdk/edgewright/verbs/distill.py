"""`distill`: a student learns to answer as its teacher does, and is judged on data it has not seen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgewright import __version__
from edgewright.blas import on_one_thread
from edgewright.compress import Judge, Quality
from edgewright.compress.quality import is_classifier
from edgewright.errors import AccuracyError, UsageError
from edgewright.frontend import ModelFile, load_model
from edgewright.ir import Graph, Value
from edgewright.ir.clone import clone
from edgewright.ops import Op
from edgewright.pipeline import MAX_CALIBRATION, integer_form, simplified
from edgewright.quantize import Progress, Samples, Widths, annotate, calibrate, has_scales
from edgewright.train import require_torch
from edgewright.train.checkpoint import Checkpoint
from edgewright.train.options import DistillOptions, Training
from edgewright.verbs.onnx_file import check_output, write_onnx
from edgewright.verbs.picture import load_pyplot, save
from edgewright.verbs.prune import prune_data
from edgewright.verbs.record import Record


@dataclass(frozen=True)
class Resumption:
    """checkpoint: the folder that gets the state of the training after every epoch. resume: go on with what it has."""

    checkpoint: Path | None = None
    resume: bool = False

    def __post_init__(self) -> None:
        if self.resume and self.checkpoint is None:
            raise UsageError("--resume: of what? give the folder with --checkpoint DIR")


@dataclass(frozen=True)
class Distilled(Record):
    """The file `output`, made of `model` by learning from `teacher`; None when it is no better than it was.

    weights: of the integers that were trained, None for float. before, after: against the teacher, on samples that had
    no part in the training. representative: False for random data. picture: the file with the learning curve.
    """

    model: str
    teacher: str
    output: Path | None
    weights: str | None
    representative: bool
    before: Quality
    after: Quality
    training: Training
    picture: Path | None = None

    def check(self) -> None:
        """Raise AccuracyError when nothing was written."""
        if self.output is None:
            why = (
                f"{self.after.verdict}, a loss of {self.after.drop:.1f} that was {self.before.drop:.1f} before training"
            )
            raise AccuracyError(f"{self.model}: not written: {why}; try another --lr, more --epochs or more data")


@on_one_thread
def distill(
    model: str | Path,
    teacher: str | Path,
    out: str | Path,
    data: str | Path,
    judge: str | Path | None = None,
    options: DistillOptions | None = None,
    resumption: Resumption | None = None,
    *,
    picture: Path | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    progress: Progress | None = None,
) -> Distilled:
    """Train the network `model` to answer as `teacher` does; ONNX in, ONNX out.

    data: to learn from, labelled or not. judge: other data to judge on; None for every second sample of `data`, which
    then teaches with the others. The result is only written when it is better than the start, see `Distilled.check`,
    which is for the caller to call. picture: a file to draw the learning curve to.

    With `options.weights` the forward pass is that of the integer kernels. A float student is calibrated and rounded
    on what it learns from; a quantized one keeps its scales, and layers whose weights lie in [-7, 7] stay there. The
    result is QDQ ONNX, which `compile` takes as it is: what was trained is what runs.

    Raises:
        ToolError: PyTorch is not installed, or a picture is wanted and matplotlib is not.
        UsageError: an option, the data or a checkpoint does not fit; the student has other inputs or outputs than the
            teacher.
        UnsupportedError: nodes that cannot be trained through.
        AccuracyError: the training diverged.
    """
    require_torch("distill")
    model, teacher, out = Path(model), Path(teacher), Path(out)
    check_output(out, model, teacher)
    options, resumption = options or DistillOptions(), resumption or Resumption()
    pyplot = None if picture is None else load_pyplot()
    files = load_model(model), load_model(teacher)
    student, original = (simplified(file, shapes).graph for file in files)
    check_pair(model.name, student, teacher.name, original, options.weights is not None)
    given = prune_data(original, data, judge)
    assert given.calibration is not None
    checkpoint = None
    if resumption.checkpoint is not None:
        checkpoint = Checkpoint(resumption.checkpoint, origin(files, data, judge, options))
    judges = judge_of(original, given.few_judged, options.weights)
    from edgewright.train.distillation import distilled  # imports PyTorch

    if options.weights is not None:
        student = with_integer_scales(student, given.calibration, options.weights)
    before = judges(student)
    trained, training = distilled(
        student, original, given.calibration, options, progress, checkpoint, resumption.resume
    )
    after = judges(trained)
    better = after.drop <= before.drop
    if better:
        write_onnx(trained, out, quantized=options.weights is not None)
    if picture is not None:
        _draw(pyplot, training, picture)
    return Distilled(
        model.name, teacher.name, out if better else None, options.weights, given.representative, before, after,
        training, picture,
    )  # fmt: skip


def judge_of(teacher: Graph[Op], judged: Samples, weights: str | None) -> Callable[[Graph[Op]], Quality]:
    """What compares students with their teacher: as floats, or as the integer kernels compute them."""
    judge = Judge(teacher, judged, judged.labels, random=not judged.representative, source=judged.source)
    if weights is None:
        return judge
    from edgewright.train.distillation import integer_outputs  # imports PyTorch

    names = [value.name for value in teacher.outputs]
    return lambda student: judge.compare(names, integer_outputs(student, weights, judged))


def with_integer_scales(student: Graph[Op], samples: Samples, weights: str, method: str = "auto") -> Graph[Op]:
    """A copy with a scale on every value: its own, or chosen from `samples` as `calibrate` does without training."""
    graph = clone(student)
    if has_scales(graph):
        annotate(graph, None)
    else:
        calibrate(graph, samples.spread(MAX_CALIBRATION), integer_form, method, widths=Widths.named(weights))
    return graph


def check_pair(name: str, student: Graph[Op], teacher_name: str, teacher: Graph[Op], integers: bool) -> None:
    """Raise UsageError when one cannot learn from the other. integers: the student may be quantized."""
    for file, graph, allowed in ((name, student, integers), (teacher_name, teacher, False)):
        if not allowed and any(value.quant is not None for value in graph.values()):
            advice = (
                "give the float model" if graph is teacher else "give the float model, or train integers: --weights"
            )
            raise UsageError(f"{file}: is quantized already; {advice}")
    for what, own, wanted in (
        ("inputs", student.inputs, teacher.inputs),
        ("outputs", student.outputs, teacher.outputs),
    ):
        if [v.shape for v in own] != [v.shape for v in wanted]:
            has, needs = _shapes(own), _shapes(wanted)
            raise UsageError(f"{name}: has the {what} {has}, {teacher_name} {needs}; give a student of this teacher")
    ends = ["a softmax" if is_classifier(graph) else "none" for graph in (student, teacher)]
    if ends[0] != ends[1]:
        raise UsageError(f"{name}: ends in {ends[0]}, {teacher_name} in {ends[1]}; make them end alike")


def origin(
    files: tuple[ModelFile, ...], data: str | Path, judge: str | Path | None, options: DistillOptions
) -> dict[str, str]:
    """What a training is of: it is resumed only when all of this is the same."""
    named = {
        "student": files[0].sha256[:16],
        "teacher": files[1].sha256[:16],
        "data": _digest(data) + (" halved" if judge is None else ""),
        "edgewright": __version__,
    }
    return named | {f"--{key.replace('_', '-')}": str(value) for key, value in asdict(options).items()}


def _digest(data: str | Path) -> str:
    path = Path(data)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else str(data)


def _shapes(values: list[Value]) -> str:
    return " and ".join(f"'{value.name}' {list(value.shape)}" for value in values)


def _draw(pyplot: Any, training: Training, picture: Path) -> None:
    """The learning curve: both losses by epoch, and the epoch whose weights were kept."""
    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    axes.plot([epoch.held_out for epoch in training.epochs], label=f"held-out {training.held_out} samples")
    axes.plot(
        range(1, len(training.epochs)),
        [epoch.loss for epoch in training.epochs[1:]],
        label=f"learned from {training.samples} samples",
    )
    axes.axvline(training.best, color="grey", linestyle=":", label=f"kept: epoch {training.best}")
    axes.set(xlabel="epoch", ylabel="loss", yscale="log")
    axes.legend()
    save(pyplot, figure, picture)
