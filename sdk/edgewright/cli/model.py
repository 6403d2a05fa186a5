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
    MethodOption,
    ModelArg,
    OutFileOption,
    ShapeOption,
    TargetOption,
    parse_shapes,
)


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
    shape: ShapeOption = None,
    as_json: JsonOption = False,
) -> api.Quantized:
    """Quantize to int8 and write ordinary QDQ ONNX."""
    with context.obj.progress("calibrating") as progress:
        return api.quantize(model, out, calib, method=method, shapes=parse_shapes(shape), progress=progress)


@app.command()
def prune(
    model: ModelArg,
    out: OutFileOption,
    amount: Annotated[float, typer.Option(help="Share of channels (or weights) to remove, 0 to 1.")],
    method: Annotated[str, typer.Option(help="l1, l2, taylor (whole channels) or magnitude (single weights).")] = "l1",
    round_to: Annotated[int, typer.Option(help="Keep channel counts that are multiples of this.")] = 4,
    calib: CalibOption = None,
    shape: ShapeOption = None,
    as_json: JsonOption = False,
) -> api.Pruned:
    """Cut the least important channels or weights; ONNX in, ONNX out."""
    shapes = parse_shapes(shape)
    return api.prune(model, out, amount=amount, method=method, round_to=round_to, calib=calib, shapes=shapes)


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
    threads: Annotated[
        int, typer.Option("-j", "--threads", help="Run each heavy layer on up to this many threads (Linux targets).")
    ] = 1,
    shape: ShapeOption = None,
    as_json: JsonOption = False,
) -> api.Compiled:
    """Quantize, plan and write C for a CPU or board."""
    options = api.CompileOptions(name, api.Goal.named(goal), method, threads, parse_shapes(shape))
    with context.obj.progress("calibrating") as progress:
        return api.compile(model, target, calib, out, options, progress=progress)
