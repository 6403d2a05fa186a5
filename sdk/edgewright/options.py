"""What a user may ask of the compiler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edgewright.errors import UsageError
from edgewright.kernels import Goal
from edgewright.plan import MOST_THREADS
from edgewright.quantize.calibrate import AUTO


@dataclass(frozen=True)
class CompileOptions:
    """How a model is compiled; the same words are the options of `edgewright compile`.

    name: C prefix, None for one made of the model's file name. goal: what to save first. method: how calibration
    chooses scales: "auto", "minmax", "percentile", "entropy" or "mse". threads: how many may work on one layer, 1 to
    16; more than one only where Linux runs. shapes: sizes of inputs that the model leaves open, by name.

    Raises:
        UsageError: no such goal, or a number of threads out of range.
    """

    name: str | None = None
    goal: Goal = Goal.BALANCED
    method: str = AUTO
    threads: int = 1
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "goal", Goal.named(self.goal))  # a plain string will do
        if not 1 <= self.threads <= MOST_THREADS:
            raise UsageError(f"-j {self.threads}: must be 1 to {MOST_THREADS}")


DEFAULTS = CompileOptions()
