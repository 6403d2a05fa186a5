"""The table of a result: each module of this package registers those that it draws."""

from functools import singledispatch

from rich.console import Console

from edgewright.verbs.record import Record


@singledispatch
def show(result: Record, console: Console) -> None:
    """Print `result` for people.

    Raises:
        NotImplementedError: nothing draws results of its type.
    """
    raise NotImplementedError(type(result).__name__)
