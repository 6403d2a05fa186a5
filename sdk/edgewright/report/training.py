"""Reports about a training."""

from __future__ import annotations

from rich.console import Console

from edgewright.compress import Quality
from edgewright.report.model import data_facts
from edgewright.report.show import show
from edgewright.report.tables import facts, percent, table
from edgewright.train.options import Training
from edgewright.verbs.distill import Distilled


@show.register
def show_distilled(result: Distilled, console: Console) -> None:
    """What the student was before and after, and how it learned."""
    before, after, training = result.before, result.after, result.training
    start, kept = training.epochs[0], training.epochs[training.best]
    facts(
        console,
        [
            ("written", result.output or "NOTHING: it is no better than it was"),
            ("teacher", result.teacher),
            ("trained as", result.weights and f"integers, weights {result.weights}"),
            ("learned from", learned(training)),
            ("loss, held out", f"{start.held_out:.4g} before, {kept.held_out:.4g} after, {training.held_out} samples"),
            ("picture", result.picture),
            ("judged on", f"{after.samples} samples that had no part in it"),
            *data_facts(result.representative),
        ],
    )
    rows = [[name, *_cells(quality)] for name, quality in (("student as it came", before), ("distilled", after))]
    if after.accuracy is not None:
        rows.insert(0, ["teacher", percent(after.accuracy[0]), None, None])
    table(console, "Quality", ["model ", "top-1", "agreement", "least output, dB"], rows)


def learned(training: Training) -> str:
    """One line on a training."""
    return f"{training.samples} samples, {len(training.epochs) - 1} epochs, the best was {training.best}"


def _cells(quality: Quality) -> list[str | None]:
    return [
        None if quality.accuracy is None else percent(quality.accuracy[1]),
        None if quality.agreement is None else percent(quality.agreement),
        f"{min(quality.snr_db.values()):.1f}",
    ]
