"""Finds every format by importing the modules of `formats`."""

import importlib
import inspect
import pkgutil
from functools import cache

from edgewright.errors import UsageError
from edgewright.export.format import Format
from edgewright.targets.folders import closest


@cache
def all_formats() -> tuple[Format, ...]:
    """One instance of every format, by name."""
    package = importlib.import_module("edgewright.export.formats")
    found: dict[str, Format] = {}
    for info in pkgutil.iter_modules(package.__path__, "edgewright.export.formats."):
        for _, member in inspect.getmembers(importlib.import_module(info.name), inspect.isclass):
            if issubclass(member, Format) and not inspect.isabstract(member):
                found[member.name] = member()
    return tuple(found[name] for name in sorted(found))


def named_format(name: str) -> Format:
    """The format called `name`.

    Raises:
        UsageError: there is none.
    """
    known = {form.name: form for form in all_formats()}
    if name not in known:
        raise UsageError(f"--to {name}: no such format{closest(name, list(known))}")
    return known[name]
