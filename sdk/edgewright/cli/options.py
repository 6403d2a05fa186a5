"""Arguments and options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgewright.errors import UsageError

ModelArg = Annotated[Path, typer.Argument(metavar="MODEL", help="ONNX file.")]
DirectoryArg = Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `edgewright compile` made.")]
TargetOption = Annotated[str, typer.Option("-t", "--target", metavar="CPU_OR_BOARD", help="See `edgewright targets`.")]
#: For the help alone: `main` looks for it before anything is parsed, so that a mistake is a document, too.
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
CalibOption = Annotated[
    str | None, typer.Option(metavar="DATA.npz", help="Calibration data, or `random` (never representative).")
]
MethodOption = Annotated[
    str,
    typer.Option(
        help="auto, minmax, percentile, entropy, mse or wide; +nearest, +bias, +gptq or +refit for the weights."
    ),
]
WeightsOption = Annotated[
    str,
    typer.Option(help="int8; int4; or mixed: 4 bits where they cost least, up to --max-drop (mixed:0.75: a share)."),
]
MaxDropOption = Annotated[
    float | None,
    typer.Option(help="Points of accuracy that may be lost on held-out calibration samples; int4: 10, mixed: 1."),
]
ShapeOption = Annotated[
    list[str] | None,
    typer.Option("--shape", metavar="NAME=1,3,48,192", help="Fix an input that the model leaves open."),
]
PortOption = Annotated[
    str | None, typer.Option(metavar="P", help="Port of place `device`: a name, socket://HOST:N, rfc2217://HOST:N.")
]
BaudOption = Annotated[int | None, typer.Option(metavar="N", help="Baud rate of that port; default: the board's.")]
OutFileOption = Annotated[Path, typer.Option("-o", "--out", metavar="OUT.onnx", help="File to write.")]


def parse_shapes(given: list[str] | None) -> dict[str, tuple[int, ...]]:
    """`name=1,3,48,192` texts as shapes by input name.

    Raises:
        UsageError: one of them is not of that form.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for text in given or []:
        name, equals, sizes = text.rpartition("=")
        try:
            shapes[name] = tuple(int(size) for size in sizes.split(","))
        except ValueError:
            equals = ""
        if not equals or not name:
            raise UsageError(f"--shape {text}: must look like input=1,3,48,192")
    return shapes
