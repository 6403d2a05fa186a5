"""Finds every contract, and the records inside contracts, by importing the modules of this package."""

import dataclasses
import importlib
import inspect
import pkgutil
from functools import cache


@cache
def records() -> dict[str, type]:
    """Class name -> class of every dataclass of this package."""
    package = importlib.import_module("edgewright.contracts")
    found: dict[str, type] = {}
    for info in pkgutil.iter_modules(package.__path__, "edgewright.contracts."):
        for name, member in inspect.getmembers(importlib.import_module(info.name), inspect.isclass):
            if dataclasses.is_dataclass(member) and member.__module__ == info.name:
                found[name] = member
    return found
