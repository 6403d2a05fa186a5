"""Verbs that work on a generated folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgewright import api
from edgewright.cli.app import app
from edgewright.cli.options import BaudOption, DirectoryArg, JsonOption, PortOption
from edgewright.export import all_formats
from edgewright.flash.programmers import PROGRAMMERS

OutFolderOption = Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="Folder to write.")]
SampleDataOption = Annotated[
    str | None, typer.Option("--data", metavar="DATA.npz", help="Data set with the sample of the example.")
]
SampleOption = Annotated[int | None, typer.Option("--sample", metavar="N", help="Which one, from 0; the first.")]

FORMATS = "; ".join(f"{form.name}: {form.summary}" for form in all_formats())


@app.command()
def build(directory: DirectoryArg, as_json: JsonOption = False) -> api.Built:
    """Compile and link a generated folder with GCC, and measure it."""
    return api.build(directory)


@app.command()
def flash(
    directory: DirectoryArg,
    runner: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help=f"{', '.join(PROGRAMMERS)}. Default: the first of the board's that is installed."
        ),
    ] = None,
    port: Annotated[
        str | None, typer.Option(metavar="P", help="A probe's serial number, a volume, a host, HOST:PORT of a server.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Write the files, tell the commands, run none.")] = False,
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="The longest that a command may take.")
    ] = None,
    as_json: JsonOption = False,
) -> api.Flashed:
    """Build the validation runner, check it, write it to the board and compare."""
    return api.flash(directory, runner, port, dry_run=dry_run, timeout_s=timeout)


@app.command()
def validate(
    context: typer.Context,
    directory: DirectoryArg,
    data: Annotated[str, typer.Option(metavar="DATA.npz", help="Data set, or `random`.")],
    places: Annotated[
        str, typer.Option("--on", help="host, emulator, device, device:PORT, probe:HOST:PORT, ssh:HOST; by commas.")
    ] = "host",
    limit: Annotated[int | None, typer.Option(help="Take the first N samples.")] = None,
    max_drop: Annotated[
        float | None,
        typer.Option(help="Fail when accuracy drops by more points (an autoencoder: its error grows by more percent)."),
    ] = None,
    port: PortOption = None,
    baud: BaudOption = None,
    fresh: Annotated[bool, typer.Option(help="Do not go on where a validation of a device was interrupted.")] = False,
    as_json: JsonOption = False,
) -> api.Validated:
    """Compare float, integer reference and places, byte for byte."""
    named = [place.strip() for place in places.split(",")]
    with context.obj.progress("samples") as progress:
        return api.validate(
            *(directory, data, named),
            limit=limit, max_drop=max_drop, port=port, baud=baud, fresh=fresh, progress=progress,
        )  # fmt: skip


@app.command()
def profile(
    directory: DirectoryArg,
    on: Annotated[
        str, typer.Option("--on", help="emulator (instructions) or host, device, probe:HOST:PORT, ssh:HOST (time).")
    ] = ("emulator"),
    port: PortOption = None,
    baud: BaudOption = None,
    as_json: JsonOption = False,
) -> api.Profiled:
    """Count the instructions, loads and stores of one inference, per layer."""
    return api.profile(directory, on, port=port, baud=baud)


@app.command()
def report(directory: DirectoryArg, as_json: JsonOption = False) -> api.Reported:
    """Everything known about a generated folder."""
    return api.report(directory)


@app.command()
def export(
    directory: DirectoryArg,
    to: Annotated[str, typer.Option("--to", metavar="FORMAT", help=FORMATS)],
    out: OutFolderOption,
    data: Annotated[
        str | None, typer.Option(metavar="DATA.npz", help="Data set with the sample of the example.")
    ] = None,
    sample: Annotated[int | None, typer.Option(metavar="N", help="Which one, from 0; the first.")] = None,
    as_json: JsonOption = False,
) -> api.Export:
    """Write a generated folder in the form in which a firmware project takes a library."""
    return api.export(directory, to, out, data=data, sample=sample)


@app.command("new-app")
def new_app(
    directory: DirectoryArg,
    out: OutFolderOption,
    board: Annotated[
        str | None, typer.Option(metavar="BOARD", help="With the CPU of the model; the one it was compiled for.")
    ] = None,
    data: SampleDataOption = None,
    sample: SampleOption = None,
    as_json: JsonOption = False,
) -> api.NewApp:
    """Write a firmware project around a generated folder: main loop, UART, linker script, Makefile and CMake."""
    return api.new_app(directory, out, board, data=data, sample=sample)
