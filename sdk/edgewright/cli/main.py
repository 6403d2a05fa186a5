"""From arguments to the status of the process."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence

import typer

from edgewright.api import Record
from edgewright.cli import model, program, surroundings  # noqa: F401  (they give `app` its verbs, in this order)
from edgewright.cli.app import app
from edgewright.cli.screen import Screen
from edgewright.errors import EdgewrightError, UsageError

#: What a mistake in the arguments raises; Typer shows only one of its kinds.
Mistake: type[typer.BadParameter] = typer.BadParameter.__mro__[1]
#: The status when a person stops the program.
INTERRUPTED = 130


def main() -> None:
    """Entry point: one line and the right status for every error that a person can mend."""
    warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's, of overflows: what comes of them is told in our words
    try:
        status = run(sys.argv[1:])
        sys.stdout.flush()
    except OSError as error:  # nobody reads, or there is no room; what is still in the buffer goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            Screen(as_json=False).complain(f"standard output: {error.strerror or error}")
        status = 1
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Do what `arguments` say; the status: that of the error, or of what the result fails."""
    screen = Screen("--json" in arguments)
    try:
        result = _result(arguments or ["--help"], screen)
        if result == INTERRUPTED:
            raise KeyboardInterrupt
        return result if isinstance(result, int) else _shown(result, screen)
    except EdgewrightError as error:
        screen.refuse(error)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        screen.complain("interrupted")
        return INTERRUPTED


def _shown(result: Record, screen: Screen) -> int:
    """Print a result, with what it fails, if it does; the status."""
    try:
        result.check()
    except EdgewrightError as error:
        screen.show(result, error)
        return error.exit_code
    screen.show(result)
    return 0


def _result(arguments: Sequence[str], screen: Screen) -> Record | int:
    """What a verb gives back, or the status of an option that prints by itself, as --help and --version do."""
    try:
        result: Record | int = app(arguments, prog_name="edgewright", obj=screen, standalone_mode=False)
    except Mistake as error:
        command = error.ctx.command_path if error.ctx else "edgewright"
        raise UsageError(f"{error.format_message().rstrip('.')}; see {command} --help") from None
    return result
