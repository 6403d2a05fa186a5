"""How weights become integers, in the words of `--method` and `--weights`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edgewright.errors import UsageError
from edgewright.quantize.ranges import RANGES

AUTO = "auto"


class Rounding(StrEnum):
    """From the simplest to the one that moves weights most.

    nearest: each weight by itself. bias: likewise, and the bias makes up for the mean of what is lost. gptq: the
    weights of a channel together, at the scale that loses least. refit: they are first fitted to what the layer now
    reads.
    """

    NEAREST = "nearest"
    BIAS = "bias"
    GPTQ = "gptq"
    REFIT = "refit"


@dataclass(frozen=True)
class Recipe:
    """ranges: one of `RANGES` for the ranges of activations, or "auto". rounding: None for "measure which is best"."""

    ranges: str
    rounding: Rounding | None

    @classmethod
    def named(cls, text: str, narrow: bool = False) -> Recipe:
        """Of `RANGES[+ROUNDING]`; without a rounding it is measured in "auto" and for `narrow` weights, else nearest.

        Raises:
            UsageError: no such ranges or rounding.
        """
        ranges, plus, rounding = text.partition("+")
        if ranges not in (AUTO, *RANGES):
            raise UsageError(f"--method {text}: none of {', '.join((AUTO, *RANGES))}")
        if plus and rounding not in (AUTO, *Rounding):
            raise UsageError(f"--method {text}: '{rounding}' is none of {', '.join((AUTO, *Rounding))}")
        if plus:
            return cls(ranges, None if rounding == AUTO else Rounding(rounding))
        return cls(ranges, None if ranges == AUTO or narrow else Rounding.NEAREST)


@dataclass(frozen=True)
class Widths:
    """Which layers take weights of 4 bits: none ("int8"), all ("int4"), or those that lose least by it ("mixed").

    share: of "mixed": this share of all weights, None for as many as the loss that is allowed lets.
    """

    kind: str = "int8"
    share: float | None = None

    @classmethod
    def named(cls, text: str) -> Widths:
        """Of `int8`, `int4`, `mixed` or `mixed:SHARE`.

        Raises:
            UsageError: none of these, or a share that is not between 0 and 1.
        """
        kind, colon, share = text.partition(":")
        if kind not in ("int8", "int4", "mixed") or (colon and kind != "mixed"):
            raise UsageError(f"--weights {text}: none of int8, int4, mixed, mixed:SHARE")
        if not colon:
            return cls(kind)
        try:
            number = float(share)
        except ValueError:
            number = -1.0
        if not 0 <= number <= 1:
            raise UsageError(f"--weights {text}: the share must be a number from 0 to 1")
        return cls(kind, number)

    @property
    def narrow(self) -> bool:
        """Whether any layer may take fewer than 8 bits."""
        return self.kind != "int8"


INT8 = Widths()
