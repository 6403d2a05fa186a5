"""Whether this machine's emulators count instructions: those of Linux programs do not on Debian 13."""

from __future__ import annotations

from functools import cache

import pytest

from edgewright.errors import ToolError
from edgewright.profile import counting_api
from edgewright.targets import load_cpu


def needs_counts(cpu: str) -> None:
    """Skip the calling test, with the reason, when the emulator of `cpu` has no plugins."""
    if problem := uncounted(cpu):
        pytest.skip(problem)


def uncounted(cpu: str) -> str:
    """Why nothing can be counted on `cpu` here; empty when it can."""
    return _problem(next(iter(load_cpu(cpu).emulator_command), "qemu-system-arm"))


@cache
def _problem(emulator: str) -> str:
    try:
        counting_api(emulator)
    except ToolError as error:
        return str(error)
    return ""
