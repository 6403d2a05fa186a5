"""Verbs about what surrounds a model: targets, operators, tools, the demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgewright import api
from edgewright.cli.app import app
from edgewright.cli.options import JsonOption

target_commands = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(target_commands, name="targets")


@target_commands.callback(invoke_without_command=True)
def targets(context: typer.Context, as_json: JsonOption = False) -> api.Targets | None:
    """The CPUs and boards that models can be compiled for."""
    return None if context.invoked_subcommand else api.targets()


@target_commands.command("check")
def check_targets(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Of a board; of a CPU in a folder `cpus`.")],
    as_json: JsonOption = False,
) -> api.CheckedFiles:
    """What is wrong with the file of a board or a CPU."""
    return api.check_targets(files)


@target_commands.command("new")
def new_board(
    name: Annotated[str, typer.Argument(metavar="NAME", help="How `--target` will call the board.")],
    cpu: Annotated[str, typer.Option(metavar="CPU", help="One of `edgewright targets`.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Folder to give with --targets.")] = Path(
        "targets"
    ),
    as_json: JsonOption = False,
) -> api.NewBoard:
    """Write the file of a new board, with every key explained."""
    return api.new_board(name, cpu, out)


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
