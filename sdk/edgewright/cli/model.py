"""Verbs that read an ONNX model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgewright import api
from edgewright.cli.app import app
from edgewright.cli.options import (
    CalibOption,
    JsonOption,
    MaxDropOption,
    MethodOption,
    ModelArg,
    OutFileOption,
    ShapeOption,
    TargetOption,
    WeightsOption,
    parse_shapes,
)
from edgewright.compress import METHODS
from edgewright.errors import UsageError
from edgewright.train.options import AUGMENTATIONS, WEIGHT_BITS


@app.command()
def inspect(
    model: ModelArg,
    target: Annotated[str | None, typer.Option("-t", "--target", metavar="CPU_OR_BOARD")] = None,
    shape: ShapeOption = None,
    as_json: JsonOption = False,
) -> api.Inspected:
    """What is in a model, does it fit, what is unsupported and why."""
    return api.inspect(model, target, parse_shapes(shape))


@app.command()
def quantize(
    context: typer.Context,
    model: ModelArg,
    out: OutFileOption,
    calib: CalibOption = None,
    method: MethodOption = "auto",
    weights: WeightsOption = "int8",
    max_drop: MaxDropOption = None,
    shape: ShapeOption = None,
    as_json: JsonOption = False,
) -> api.Quantized:
    """Quantize to int8 and write ordinary QDQ ONNX."""
    shapes = parse_shapes(shape)
    with context.obj.progress("calibrating") as progress:
        return api.quantize(
            model, out, calib, method=method, weights=weights, max_drop=max_drop, shapes=shapes, progress=progress
        )


@app.command()
def prune(
    context: typer.Context,
    model: ModelArg,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="OUT.onnx", help="File to write.")] = None,
    amount: Annotated[float | None, typer.Option(help="Share of the channels (or weights) to remove, 0 to 1.")] = None,
    target_macs: Annotated[float | None, typer.Option(help="MACs to leave; up to 1: a share of them.")] = None,
    target_bytes: Annotated[float | None, typer.Option(help="Bytes of int8 parameters to leave, or a share.")] = None,
    max_drop: Annotated[
        float | None, typer.Option(help="Points of accuracy that may be lost; without an amount, takes all it can.")
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(help=f"{', '.join(METHODS)}. Default: obs with calibration data, else l1."),
    ] = None,
    round_to: Annotated[int, typer.Option(help="Keep channel counts that are multiples of this.")] = 4,
    refit: Annotated[
        bool | None, typer.Option("--refit/--no-refit", help="Fit what is left to the original; default with --calib.")
    ] = None,
    finetune: Annotated[int, typer.Option(metavar="EPOCHS", help="Then distil from the original (PyTorch).")] = 0,
    calib: CalibOption = None,
    data: Annotated[
        str | None, typer.Option(metavar="DATA.npz", help="Judge on this; default: on every second sample of --calib.")
    ] = None,
    allow_ruin: Annotated[bool, typer.Option(help="Write the model whatever it has lost.")] = False,
    sensitivity: Annotated[bool, typer.Option(help="Write no model; show what each layer alone would bear.")] = False,
    picture: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the sensitivity (matplotlib).")] = None,
    shape: ShapeOption = None,
    as_json: JsonOption = False,
) -> api.Pruned | api.Sensitivity:
    """Cut the least important channels or weights, repair the rest, say what it cost; ONNX in, ONNX out."""
    shapes = parse_shapes(shape)
    options = api.PruneOptions(
        amount, target_macs, target_bytes, max_drop, method, round_to, refit, allow_ruin, finetune
    )
    with context.obj.progress("pruning") as progress:
        if sensitivity and out is not None:
            raise UsageError(f"prune --sensitivity: writes no model; leave -o {out} out")
        if sensitivity:
            return api.sensitivity(model, calib, data, options, picture=picture, shapes=shapes, progress=progress)
        if out is None:
            raise UsageError("prune: writes a model; say where with -o OUT.onnx (or ask for --sensitivity)")
        return api.prune(model, out, calib, data, options, shapes=shapes, progress=progress)


@app.command()
def distill(
    context: typer.Context,
    student: Annotated[Path, typer.Argument(metavar="STUDENT", help="ONNX file: pruned, narrower, or your own.")],
    out: OutFileOption,
    teacher: Annotated[Path, typer.Option(metavar="TEACHER.onnx", help="The model to answer as.")],
    data: Annotated[str, typer.Option(metavar="DATA.npz", help="Learn from this; labels are not needed.")],
    judge: Annotated[
        str | None, typer.Option(metavar="OTHERS.npz", help="Judge on this; default: on every second sample of --data.")
    ] = None,
    epochs: Annotated[int, typer.Option(help="Passes over the data.")] = 30,
    lr: Annotated[float, typer.Option(help="Learning rate, relative to the size of each tensor.")] = 0.003,
    temperature: Annotated[float, typer.Option(help="Softens the classes that the teacher names.")] = 2.0,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    batch: Annotated[int, typer.Option(help="Samples of a step.")] = 64,
    patience: Annotated[int | None, typer.Option(help="End after so many epochs without progress.")] = None,
    augment: Annotated[str, typer.Option(help=f"Vary the samples: {', '.join(AUGMENTATIONS)}.")] = "none",
    mixup: Annotated[float, typer.Option(help="Mix pairs of samples: alpha of the Beta distribution.")] = 0.0,
    hints: Annotated[float, typer.Option(help="Weight of inner values that both networks have.")] = 0.0,
    labels: Annotated[float, typer.Option(help="Share of the loss for the labels of the data, 0 to 1.")] = 0.0,
    batch_norm: Annotated[bool, typer.Option(help="Train with batch normalization and fold it again.")] = False,
    weights: Annotated[
        str | None, typer.Option(help=f"Train the integer kernels' arithmetic: {', '.join(WEIGHT_BITS)}; writes QDQ.")
    ] = None,
    threads: Annotated[int, typer.Option(help="Threads of PyTorch.")] = 1,
    checkpoint: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep the state of every epoch here.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on with what --checkpoint holds.")] = False,
    picture: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the learning curve (matplotlib).")] = None,
    shape: ShapeOption = None,
    as_json: JsonOption = False,
) -> api.Distilled:
    """Train a small model to answer as a large one (PyTorch); ONNX in, ONNX out."""
    options = api.DistillOptions(
        epochs, lr, temperature, seed, batch, patience, augment, mixup, hints, labels, batch_norm, weights, threads
    )
    resumption, shapes = api.Resumption(checkpoint, resume), parse_shapes(shape)
    with context.obj.progress("distilling") as progress:
        return api.distill(
            student, teacher, out, data, judge, options, resumption, picture=picture, shapes=shapes, progress=progress
        )


@app.command()
def compile(
    context: typer.Context,
    model: ModelArg,
    target: TargetOption,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Folder to generate.")],
    calib: CalibOption = None,
    name: Annotated[str | None, typer.Option("-n", "--name", help="C prefix; default: from the file name.")] = None,
    goal: Annotated[str, typer.Option("-O", "--goal", help="time, ram, flash or balanced.")] = "balanced",
    method: MethodOption = "auto",
    weights: WeightsOption = "int8",
    max_drop: MaxDropOption = None,
    threads: Annotated[
        int, typer.Option("-j", "--threads", help="Run each heavy layer on up to this many threads (Linux targets).")
    ] = 1,
    shape: ShapeOption = None,
    as_json: JsonOption = False,
) -> api.Compiled:
    """Quantize, plan and write C for a CPU or board."""
    options = api.CompileOptions(
        name, api.Goal.named(goal), method, threads, parse_shapes(shape), weights=weights, max_drop=max_drop
    )
    with context.obj.progress("calibrating") as progress:
        return api.compile(model, target, calib, out, options, progress=progress)
