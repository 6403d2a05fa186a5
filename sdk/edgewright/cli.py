"""The `edgewright` command: parses, calls `edgewright.api`, prints."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from edgewright import __version__, api, report
from edgewright.errors import AccuracyError, EdgewrightError, MismatchError, UsageError
from edgewright.targets.folders import VARIABLE, target_folders

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="From an ONNX model to verified int8 C on microcontrollers and Raspberry Pi.",
)
#: Columns of a table that is not printed to a terminal.
PIPE_WIDTH = 140
people = Console(stderr=True, highlight=False)
tables = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
Document = dict[str, Any]

ModelArg = Annotated[Path, typer.Argument(metavar="MODEL", help="ONNX file.")]
DirectoryArg = Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `edgewright compile` made.")]
TargetOption = Annotated[str, typer.Option("-t", "--target", metavar="CPU_OR_BOARD", help="See `edgewright targets`.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
CalibOption = Annotated[
    str | None, typer.Option(metavar="DATA.npz", help="Calibration data, or `random` (never representative).")
]
MethodOption = Annotated[str, typer.Option(help="auto, minmax, percentile, entropy or mse.")]
ShapeOption = Annotated[
    list[str] | None,
    typer.Option("--shape", metavar="NAME=1,3,48,192", help="Fix an input that the model leaves open."),
]
ThreadsOption = Annotated[
    int, typer.Option("-j", "--threads", help="Run each heavy layer on up to this many threads (Linux targets).")
]
OutFileOption = Annotated[Path, typer.Option("-o", "--out", metavar="OUT.onnx", help="File to write.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"edgewright {__version__}")
        raise typer.Exit


def _also_look_in(folders: list[str]) -> None:
    """Adds `--targets` to EDGEWRIGHT_TARGETS of this process."""
    os.environ[VARIABLE] = os.pathsep.join([*folders, *filter(None, [os.environ.get(VARIABLE)])])
    target_folders()


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
        _also_look_in(targets)


@app.command()
def inspect(
    model: ModelArg,
    target: Annotated[str | None, typer.Option("-t", "--target", metavar="CPU_OR_BOARD")] = None,
    shape: ShapeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What is in a model, does it fit, what is unsupported and why."""
    document = api.inspect(model, target, parse_shapes(shape))
    _print(document, as_json, report.show_inspection)
    if not document["supported"]:
        raise typer.Exit(3)
    if not document.get("target", {}).get("fits", True):
        raise typer.Exit(4)


@app.command()
def quantize(
    model: ModelArg,
    out: OutFileOption,
    calib: CalibOption = None,
    method: MethodOption = "auto",
    shape: ShapeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Quantize to int8 and write ordinary QDQ ONNX."""
    with _ProgressBar("calibrating", as_json) as advance:
        document = api.quantize(model, out, calib, method=method, shapes=parse_shapes(shape), progress=advance)
    _print(document, as_json, report.show_quantized)


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
) -> None:
    """Cut the least important channels or weights; ONNX in, ONNX out."""
    document = api.prune(
        model, out, amount=amount, method=method, round_to=round_to, calib=calib, shapes=parse_shapes(shape)
    )
    _print(document, as_json, report.show_pruned)


@app.command()
def compile(
    model: ModelArg,
    target: TargetOption,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Folder to generate.")],
    calib: CalibOption = None,
    name: Annotated[str | None, typer.Option("-n", "--name", help="C prefix; default: from the file name.")] = None,
    goal: Annotated[str, typer.Option("-O", "--goal", help="time, ram, flash or balanced.")] = "balanced",
    method: MethodOption = "auto",
    threads: ThreadsOption = 1,
    shape: ShapeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Quantize, plan and write C for a CPU or board."""
    shapes = parse_shapes(shape)
    with _ProgressBar("calibrating", as_json) as advance:
        document = api.compile(
            *(model, target, calib, out),
            name=name,
            goal=goal,
            method=method,
            threads=threads,
            shapes=shapes,
            progress=advance,
        )
    _print(document, as_json, report.show_compiled)


@app.command()
def build(directory: DirectoryArg, as_json: JsonOption = False) -> None:
    """Compile and link a generated folder with GCC, and measure it."""
    _print(api.build(directory), as_json, report.show_built)


@app.command()
def validate(
    directory: DirectoryArg,
    data: Annotated[str, typer.Option(metavar="DATA.npz", help="Data set, or `random`.")],
    places: Annotated[str, typer.Option("--on", help="host, emulator, device:PORT, ssh:HOST; by commas.")] = "host",
    limit: Annotated[int | None, typer.Option(help="Take the first N samples.")] = None,
    max_drop: Annotated[
        float | None,
        typer.Option(help="Fail when accuracy drops by more points (an autoencoder: its error grows by more percent)."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare float, integer reference and places, byte for byte."""
    with _ProgressBar("samples", as_json) as advance:
        document = api.validate(
            directory, data, [place.strip() for place in places.split(",")], limit=limit, progress=advance
        )
    _print(document, as_json, report.show_validation)
    try:
        check_bytes(document)
        if max_drop is not None:
            check_accuracy(document, max_drop)
    except EdgewrightError as error:
        _complain(error)
        raise typer.Exit(error.exit_code) from None


@app.command()
def profile(
    directory: DirectoryArg,
    on: Annotated[str, typer.Option("--on", help="emulator (instructions) or host, device:PORT, ssh:HOST (time).")] = (
        "emulator"
    ),
    as_json: JsonOption = False,
) -> None:
    """Count the instructions, loads and stores of one inference, per layer."""
    _print(api.profile(directory, on), as_json, report.show_profile)


@app.command(name="report")
def whole_report(directory: DirectoryArg, as_json: JsonOption = False) -> None:
    """Everything known about a generated folder."""
    _print(api.report(directory), as_json, report.show_report)


@app.command()
def targets(as_json: JsonOption = False) -> None:
    """The CPUs and boards that models can be compiled for."""
    document = api.targets()
    _print(document, as_json, report.show_targets)
    if document["problems"]:
        raise typer.Exit(2)


@app.command()
def ops(as_json: JsonOption = False) -> None:
    """The ONNX operators that are supported, with their limits."""
    _print(api.ops(), as_json, report.show_operators)


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Which tools are here, and how to install the missing ones."""
    document = api.doctor()
    _print(document, as_json, report.show_doctor)
    if not document["complete"]:
        raise typer.Exit(7)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR")] = Path("build/demo"), as_json: JsonOption = False
) -> None:
    """Compile the demo model for a Cortex-M4 and run its test images on an emulated board."""
    with _ProgressBar("images", as_json) as advance:
        document = api.demo(out, advance)
    _print(document, as_json, report.show_demo)


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


def check_bytes(document: Document) -> None:
    """Raise MismatchError when a place differs from the reference."""
    for place, scores in document["places"].items():
        if scores["mismatched_bytes"]:
            layer = scores["first_divergent_layer"]
            count = scores["mismatched_bytes"]
            raise MismatchError(f"{place}: {count:,} bytes differ from the reference; first at '{layer}'")


def check_accuracy(document: Document, max_drop: float) -> None:
    """Raise AccuracyError when a place loses more than `max_drop` points of accuracy (without labels: of agreement).

    For an autoencoder: when its reconstruction error grows by more than `max_drop` percent.
    """
    error = document["reconstruction_mse"]
    if error is not None:
        growth = 100 * (error["int8"] - error["float"]) / max(error["float"], 1e-12)
        if growth > max_drop:
            raise AccuracyError(f"reference: reconstruction error grows by {growth:.2f} %, {max_drop:g} allowed")
        return
    base = document["float_accuracy"]
    for place, scores in {"reference": document["reference"], **document["places"]}.items():
        drop = 100 * ((base - scores["accuracy"]) if base is not None else (1.0 - scores["agreement"]))
        if drop > max_drop:
            raise AccuracyError(f"{place}: {drop:.2f} points below the float model, {max_drop:g} allowed")


def _print(document: Document, as_json: bool, show: Callable[[Console, Document], None]) -> None:
    if as_json:
        typer.echo(json.dumps(without_nan(document), indent=1, allow_nan=False))
    else:
        show(tables, document)


def without_nan(document: Any) -> Any:
    """A copy with null for every float that JSON cannot write: a float model may yield NaN."""
    if isinstance(document, dict):
        return {key: without_nan(value) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [without_nan(value) for value in document]
    return None if isinstance(document, float) and not math.isfinite(document) else document


class _ProgressBar:
    """A progress bar on standard error, where a person may look; a context manager that gives the callback."""

    def __init__(self, what: str, quiet: bool) -> None:
        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=people, transient=True, disable=quiet or not people.is_terminal)
        self._task = self._bar.add_task(what, total=None)

    def __enter__(self) -> Callable[[int, int], None]:
        self._bar.start()
        return lambda done, total: self._bar.update(self._task, completed=done, total=total)

    def __exit__(self, *error: object) -> None:
        self._bar.stop()


def _complain(error: EdgewrightError) -> None:
    """One line on standard error."""
    people.print(f"edgewright: {' '.join(str(error).split())}", markup=False, soft_wrap=True)


def main() -> None:
    """Entry point: one line and the right status for every error that a person can mend."""
    as_json = "--json" in sys.argv
    try:
        app(standalone_mode=True)
    except EdgewrightError as error:
        if as_json:
            message = " ".join(str(error).split("\n"))
            typer.echo(
                json.dumps({"schema_version": api.SCHEMA_VERSION, "error": message, "exit_code": error.exit_code})
            )
        _complain(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        people.print("edgewright: interrupted")
        sys.exit(130)
