"""The command that the verbs belong to."""

from __future__ import annotations

from typing import Annotated

import typer

from edgewright import __version__
from edgewright.targets.folders import also_look_in

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"edgewright {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,
    targets: Annotated[
        list[str] | None,
        typer.Option(metavar="DIR", help="Take the CPUs and boards in DIR/cpus and DIR/boards, too."),
    ] = None,
) -> None:
    """From an ONNX model to verified int8 C on microcontrollers and Raspberry Pi."""
    if targets:
        also_look_in(targets)
