"""From arguments to the status of the process."""

from __future__ import annotations

import os
import sys
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
    try:
        status = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read has gone; what is still in the buffer goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Do what `arguments` say; the status: that of the error, or of what the result fails."""
    screen = Screen("--json" in arguments)
    try:
        result = _result(arguments or ["--help"], screen)
    except EdgewrightError as error:
        screen.refuse(error)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        result = INTERRUPTED
    if isinstance(result, int):  # Typer's: --help and --version have printed
        if result == INTERRUPTED:
            screen.complain("interrupted")
        return result
    screen.show(result)
    try:
        result.check()
    except EdgewrightError as error:
        screen.complain(error)
        return error.exit_code
    return 0


def _result(arguments: Sequence[str], screen: Screen) -> Record | int:
    """What a verb gives back, or the status of an option that prints by itself."""
    try:
        result: Record | int = app(arguments, prog_name="edgewright", obj=screen, standalone_mode=False)
    except Mistake as error:
        command = error.ctx.command_path if error.ctx else "edgewright"
        raise UsageError(f"{error.format_message().rstrip('.')}; see {command} --help") from None
    return result
