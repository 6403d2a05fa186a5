"""What a model is compiled for."""

from __future__ import annotations

from enum import StrEnum

from edgewright.errors import UsageError


class Goal(StrEnum):
    """What the choice of kernels and the plan save first: instructions, RAM, flash, or some of each."""

    TIME = "time"
    RAM = "ram"
    FLASH = "flash"
    BALANCED = "balanced"

    @classmethod
    def named(cls, name: str) -> Goal:
        """The goal called `name`; a UsageError when there is none."""
        if name not in list(cls):
            raise UsageError(f"-O {name}: none of {', '.join(cls)}")
        return cls(name)
