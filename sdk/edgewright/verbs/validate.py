"""`validate`: float model, integer reference and places on one data set, and the gates on what they give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from edgewright.artifact import open_directory
from edgewright.blas import on_one_thread
from edgewright.compress.quality import check_max_drop
from edgewright.errors import AccuracyError, MismatchError, UsageError
from edgewright.quantize import Progress, named_samples
from edgewright.quantize.samples import RANDOM
from edgewright.run.ports import device_place
from edgewright.targets import Target
from edgewright.validate import Comparison
from edgewright.validate import validate as compare
from edgewright.verbs.record import OPTIONAL, Record


@dataclass(frozen=True)
class Scores:
    """How near outputs are to the float model's.

    accuracy: share of samples whose largest output is the label, None without labels. agreement: share whose largest
    output is the float model's, None where outputs are no classes. rmse, cosine: over all outputs. snr_db: of each
    output by name, the variance of the float model's over the mean squared difference, in decibels.
    """

    accuracy: float | None
    agreement: float | None
    rmse: float
    cosine: float
    snr_db: dict[str, float]


@dataclass(frozen=True)
class PlaceScores(Scores):
    """What one place did. mismatched_bytes: of compared_bytes, against the integer reference.

    first_divergent_layer: on the first sample that differs; None when none does.
    """

    mismatched_bytes: int
    compared_bytes: int
    first_divergent_layer: str | None


@dataclass(frozen=True)
class Validated(Record):
    """The model `name` on so many samples.

    representative: False for random data. notes: what was done to make the data fit. float_accuracy: None without
    labels. reconstruction_mse: of an autoencoder, else None: that of "float" and of "int8". places: by name.
    max_drop: what `check` allows, None for anything.
    """

    name: str
    target: Target
    samples: int
    representative: bool
    notes: tuple[str, ...]
    float_accuracy: float | None
    reconstruction_mse: dict[str, float] | None
    reference: Scores
    places: dict[str, PlaceScores]
    max_drop: float | None = field(default=None, metadata=OPTIONAL)

    def check(self) -> None:
        """Raise MismatchError when a place differs from the reference, AccuracyError when more than `max_drop` is lost.

        max_drop: points of accuracy (without labels: of agreement); of an autoencoder, percent by which its
        reconstruction error grows; of any other model, the power of the difference in percent of its worst output's
        variance.
        """
        for name, place in self.places.items():
            if place.mismatched_bytes:
                raise MismatchError(
                    f"{name}: {place.mismatched_bytes:,} bytes differ from the reference; "
                    f"first at '{place.first_divergent_layer}'"
                )
        for complaint, lost in self._losses():
            if self.max_drop is not None and lost > self.max_drop:
                raise AccuracyError(f"{complaint}, {self.max_drop:g} allowed")

    def _losses(self) -> Iterator[tuple[str, float]]:
        """What was lost, in words and as the number that `max_drop` limits."""
        error = self.reconstruction_mse
        if error is not None:
            growth = 100 * (error["int8"] - error["float"]) / max(error["float"], 1e-12)
            yield f"reference: reconstruction error grows by {growth:.2f} %", growth
            return
        for name, scores in {"reference": self.reference, **self.places}.items():
            if self.float_accuracy is not None and scores.accuracy is not None:
                drop = 100 * (self.float_accuracy - scores.accuracy)
                yield f"{name}: {drop:.2f} points below the float model", drop
            elif scores.agreement is not None:
                drop = 100 * (1.0 - scores.agreement)
                yield f"{name}: {drop:.2f} points of agreement below the float model", drop
            else:
                worst = min(scores.snr_db, key=lambda output: scores.snr_db[output])
                noise = 100 * 10 ** (-scores.snr_db[worst] / 10)
                yield f"{name}: output '{worst}' is {noise:.2f} % noise ({scores.snr_db[worst]:.1f} dB)", noise


@on_one_thread
def validate(
    directory: str | Path,
    data: str | Path,
    places: str | Sequence[str] = ("host",),
    *,
    limit: int | None = None,
    max_drop: float | None = None,
    port: str | None = None,
    baud: int | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
) -> Validated:
    """Compare float model, integer reference and places on a data set, a `.npz` or "random".

    places: "host", "emulator", "device", "device:PORT", "probe:HOST:PORT", "ssh:HOST"; one or several. limit: take the
    first so many samples. max_drop: see `Validated.check`, which is for the caller to call. port, baud: of place
    "device". fresh: forget what a device answered before it was interrupted.

    Raises:
        UsageError: `max_drop` is negative, or asked of random data; else as `validate.validate`.
    """
    check_max_drop(max_drop)
    if max_drop is not None and str(data) == RANDOM:
        raise UsageError("--max-drop with --data random: random inputs say nothing of accuracy; give --data DATA.npz")
    named = [device_place(place, port, baud) for place in ([places] if isinstance(places, str) else places)]
    opened = open_directory(Path(directory))
    samples = named_samples(data, opened.model_inputs())
    if limit is not None:
        if limit < 1:
            raise UsageError(f"--limit {limit}: must be 1 or more")
        samples = samples.first(limit)
    result = compare(opened, samples, named, progress, fresh=fresh)
    error = result.reconstruction
    names = [value.name for value in opened.graph.outputs]

    def figures(near: Comparison) -> tuple[float | None, float | None, float, float, dict[str, float]]:
        accuracy = near.accuracy if result.labelled else None
        agreement = near.agreement if result.classifies else None
        return accuracy, agreement, near.rmse, near.cosine, dict(zip(names, near.snr_db, strict=True))

    return Validated(
        name=opened.name,
        target=opened.manifest.target,
        samples=result.samples,
        representative=samples.representative,
        notes=samples.notes,
        float_accuracy=result.float_accuracy,
        reconstruction_mse=None if error is None else {"float": error[0], "int8": error[1]},
        reference=Scores(*figures(result.reference)),
        places={
            place.name: PlaceScores(
                *figures(place.comparison),
                *(place.mismatched_bytes, place.total_bytes, place.first_divergent_layer),
            )
            for place in result.places
        },
        max_drop=max_drop,
    )
