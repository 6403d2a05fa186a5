"""How much can go: the largest cut within a limit, and what each layer alone would bear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edgewright.compress.pruning import Pruner, PruneResult
from edgewright.compress.quality import Judge, Quality
from edgewright.compress.sizes import Amount, NoStepError, OutOfReachError
from edgewright.errors import AccuracyError

#: The share of channels to remove is bisected between these, this many times.
LEAST_AMOUNT, MOST_AMOUNT, ROUNDS = 0.02, 0.85, 6
#: Shares of one family's channels that `sensitivity` removes.
SHARES = (0.125, 0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Bearing:
    """What it costs to cut one family of channels alone.

    layers: those that write it. channels: its size; removed: how many of these go. macs: share of the model's that is
    left.
    """

    family: int
    layers: tuple[str, ...]
    channels: int
    removed: int
    macs: float
    quality: Quality


def prune_within(
    pruner: Pruner,
    judge: Judge,
    most_points: float,
    refitting: bool,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[PruneResult, Quality]:
    """The largest cut found by bisection that loses at most `most_points`, as `Quality.drop` counts them.

    Raises:
        AccuracyError: even the least cut loses more.
    """
    low, high = LEAST_AMOUNT, MOST_AMOUNT
    best: tuple[PruneResult, Quality] | None = None
    least: Quality | None = None
    for round_ in range(ROUNDS):
        amount = (low + high) / 2
        try:
            result = pruner.prune(Amount("channels", amount), refitting)
        except OutOfReachError:
            high = amount
        except NoStepError:
            low = amount
        else:
            quality = judge(result.graph)
            if quality.drop <= most_points:
                best, low = (result, quality), amount
            else:
                least, high = quality, amount
        if progress is not None:
            progress(round_ + 1, ROUNDS)
    if best is None:
        lost = least.verdict if least is not None else "no layer has a step to give"
        raise AccuracyError(
            f"{pruner.base.name}: no cut loses at most {most_points:g} points: at the least, {lost}; allow more, or "
            "give more calibration data"
        )
    return best


def sensitivity(
    pruner: Pruner, judge: Judge, refitting: bool, progress: Callable[[int, int], None] | None = None
) -> list[Bearing]:
    """What the model loses when one family of channels alone is cut, for SHARES of it as far as steps allow."""
    found: list[Bearing] = []
    selection = pruner.selection
    everything = selection.full("macs")
    total = len(selection.families) * len(SHARES)
    for index, family in enumerate(selection.families):
        count, step = len(family.groups), family.step(selection.round_to)
        for share_index, share in enumerate(SHARES):
            taken = count - -(-round(count * (1 - share)) // step) * step
            if taken > 0 and (not found or found[-1].family != index or found[-1].removed < taken):
                removed = selection.select_in_family(index, taken)
                quality = judge(pruner.cut(removed, f"{taken} of {count} channels", refitting).graph)
                left = selection.sizes.macs(removed) / everything
                found.append(Bearing(index, selection.layers_of(index), count, taken, left, quality))
            if progress is not None:
                progress(index * len(SHARES) + share_index + 1, total)
    return found
