"""What a user may ask of the compiler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edgewright.compress.quality import check_max_drop
from edgewright.errors import UsageError
from edgewright.kernels import Goal
from edgewright.plan import MOST_THREADS
from edgewright.quantize.rounding.recipe import AUTO, Recipe, Widths


@dataclass(frozen=True)
class CompileOptions:
    """How a model is compiled; the same words are the options of `edgewright compile`.

    name: C prefix, None for one made of the model's file name. goal: what to save first. method: how calibration
    chooses scales and rounds weights: "auto", "minmax", "percentile", "entropy", "mse" or "wide", and behind a "+"
    "nearest", "bias", "gptq" or "refit" (see `quantize.Recipe`). threads: how many may work on one layer, 1 to 16; more
    than one only where Linux runs. shapes: sizes of inputs that the model leaves open, by name. weights: "int8",
    "int4", "mixed" or "mixed:SHARE" (see `quantize.Widths`). max_drop: points of accuracy that may be lost on held-out
    calibration samples, None for any with int8, 10 with int4, 1 with mixed.

    Raises:
        UsageError: no such goal, method or weights, or a number out of range.
    """

    name: str | None = None
    goal: Goal = Goal.BALANCED
    method: str = AUTO
    threads: int = 1
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    weights: str = "int8"
    max_drop: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "goal", Goal.named(self.goal))  # a plain string will do
        Recipe.named(self.method, self.widths.narrow)
        check_max_drop(self.max_drop)
        if not 1 <= self.threads <= MOST_THREADS:
            raise UsageError(f"-j {self.threads}: must be 1 to {MOST_THREADS}")

    @property
    def widths(self) -> Widths:
        """Of the weights, parsed."""
        return Widths.named(self.weights)


DEFAULTS = CompileOptions()
