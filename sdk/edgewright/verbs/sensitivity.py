"""`sensitivity`: what a model loses when one layer after another is pruned alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.blas import on_one_thread
from edgewright.compress import Bearing
from edgewright.compress import sensitivity as measure
from edgewright.frontend import load_model
from edgewright.pipeline import simplified
from edgewright.quantize import Progress
from edgewright.verbs.picture import load_pyplot, save
from edgewright.verbs.prune import PruneOptions, prune_data, pruner_and_judge
from edgewright.verbs.record import Record


@dataclass(frozen=True)
class Sensitivity(Record):
    """What each family of channels alone would cost `model`. picture: the file it was drawn to."""

    model: str
    representative: bool
    cuts: tuple[Bearing, ...]
    picture: Path | None = None


@on_one_thread
def sensitivity(
    model: str | Path,
    calib: str | Path | None = None,
    data: str | Path | None = None,
    options: PruneOptions | None = None,
    *,
    picture: Path | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """Prune every family of channels alone, in steps, and judge it. calib, data: as of `prune`; no model is written.

    picture: a file to draw accuracy against amount to, its type by its suffix.

    Raises:
        UsageError: as `prune`.
        ToolError: a picture is wanted and matplotlib is not there.
    """
    model, options = Path(model), options or PruneOptions()
    pyplot = None if picture is None else load_pyplot()
    graph = simplified(load_model(model), shapes).graph
    given = prune_data(graph, calib, data)
    pruner, judge = pruner_and_judge(graph, given, options)
    fits = given.calibration is not None if options.refit is None else options.refit
    cuts = tuple(measure(pruner, judge, fits, progress))
    if picture is not None:
        _draw(pyplot, cuts, picture)
    return Sensitivity(model.name, given.representative, cuts, picture)


def _draw(pyplot: Any, cuts: tuple[Bearing, ...], picture: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    for family in sorted({cut.family for cut in cuts}):
        own = [cut for cut in cuts if cut.family == family]
        axes.plot([100 * cut.removed / cut.channels for cut in own], [cut.quality.drop for cut in own], "o-",
                  label=own[0].layers[0])  # fmt: skip
    axes.set(xlabel="channels removed, %", ylabel="points lost")
    axes.invert_yaxis()
    axes.legend(fontsize="x-small")
    save(pyplot, figure, picture)
