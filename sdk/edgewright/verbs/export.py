"""`export`: a generated directory in the form in which a firmware project takes a library."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from edgewright.artifact import Directory, open_directory
from edgewright.errors import UsageError
from edgewright.export import Sample, chosen_sample, exported_model, named_format, random_sample, write_export
from edgewright.quantize import named_samples
from edgewright.targets import portable_cpu
from edgewright.verbs.record import OPTIONAL, Record


@dataclass(frozen=True)
class Export(Record):
    """files: below `out`, sorted. kernels: whose instructions they use, None when they are numbers alone.

    sample: the example's in the data, None for pseudo-random bytes. expected_class: what the reference makes of it.
    """

    name: str
    format: str
    out: Path
    files: tuple[str, ...]
    kernels: str | None
    expected_class: int
    sample: int | None = field(default=None, metadata=OPTIONAL)


def export(directory: Path, to: str, out: Path, *, data: str | Path | None = None, sample: int | None = None) -> Export:
    """Write the model of a generated directory in the format `to` into the folder `out`.

    data, sample: the input of the example is sample number `sample` of a data set; pseudo-random bytes without.

    Raises:
        UsageError: not a generated directory, no such format or sample, or `out` holds what must stay.
    """
    form, opened = named_format(to), open_directory(directory)
    chosen = example_sample(opened, data, sample)
    written = write_export(exported_model(opened, chosen), form, out)
    portable = written.portable or opened.manifest.target.cpu == portable_cpu()
    kernels = None if not form.runs else "portable C" if portable else opened.manifest.target.cpu.name
    return Export(opened.name, form.name, out, written.files, kernels, chosen.expected, chosen.index)


def example_sample(opened: Directory, data: str | Path | None, sample: int | None) -> Sample:
    """Sample number `sample` of `data`, the first by default; pseudo-random bytes without data.

    Raises:
        UsageError: a number without data, or of no sample; bad data.
    """
    if data is not None:
        return chosen_sample(opened.graph, named_samples(data, opened.model_inputs()), sample or 0)
    if sample is not None:
        raise UsageError(f"--sample {sample}: of which data? give --data DATA.npz")
    return random_sample(opened.graph)
