"""Verbs about what surrounds a model: targets, operators, tools, the demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgewright import api
from edgewright.cli.app import app
from edgewright.cli.options import JsonOption


@app.command()
def targets(as_json: JsonOption = False) -> api.Targets:
    """The CPUs and boards that models can be compiled for."""
    return api.targets()


@app.command()
def ops(as_json: JsonOption = False) -> api.Operators:
    """The ONNX operators that are supported, with their limits."""
    return api.ops()


@app.command()
def doctor(as_json: JsonOption = False) -> api.Tools:
    """Which tools are here, and how to install the missing ones."""
    return api.doctor()


@app.command()
def demo(
    context: typer.Context,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR")] = Path("build/demo"),
    as_json: JsonOption = False,
) -> api.Demonstrated:
    """Compile the demo model for a Cortex-M4 and run its test images on an emulated board."""
    with context.obj.progress("images") as progress:
        return api.demo(out, progress)
