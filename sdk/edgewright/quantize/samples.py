"""Data files: `.npz` with `x`, optional `y`, `scale` and `offset`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from edgewright.errors import UsageError
from edgewright.ir import Value
from edgewright.ir.archive import read_npz

RANDOM = "random"
RANDOM_SAMPLES = 16


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs of a model. Iterating gives one list of float32 arrays (one per input, model shape) per sample.

    arrays: per input, [n, ...] as stored. scale, offset: x_float = (x - offset) * scale.
    labels: [n], or None. representative: False for random data. notes: what was done to make the data fit. source: the
    file's name, for messages.
    """

    arrays: tuple[np.ndarray, ...]
    shapes: tuple[tuple[int, ...], ...]
    labels: np.ndarray | None = None
    scale: float = 1.0
    offset: float = 0.0
    representative: bool = True
    notes: tuple[str, ...] = field(default=())
    source: str = "data"

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __iter__(self) -> Iterator[list[np.ndarray]]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: int) -> list[np.ndarray]:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return [np.reshape(self._real(a[index]), shape) for a, shape in zip(self.arrays, self.shapes, strict=True)]

    def _real(self, stored: np.ndarray) -> np.ndarray:
        real: np.ndarray = (stored.astype(np.float32) - np.float32(self.offset)) * np.float32(self.scale)
        return real

    def fits_float32(self) -> bool:
        """Whether every element is finite as float32: the largest and the smallest of each array are."""
        with np.errstate(over="ignore", invalid="ignore"):
            ends = [self._real(np.array([a.min(), a.max()])) for a in self.arrays if a.size]
        return bool(np.all(np.isfinite(ends)))

    def first(self, count: int) -> Samples:
        """At most the first `count` samples."""
        return self._picked(slice(count))

    def every(self, step: int, start: int) -> Samples:
        """Every `step`-th sample from `start` on."""
        return self._picked(slice(start, None, step))

    def spread(self, count: int) -> Samples:
        """At most `count` samples, evenly spread over all of them."""
        if len(self) <= count:
            return self
        pick = np.linspace(0, len(self) - 1, count).round().astype(int)
        return self._picked(pick)

    def _picked(self, pick: slice | np.ndarray) -> Samples:
        labels = None if self.labels is None else self.labels[pick]
        return replace(self, arrays=tuple(a[pick] for a in self.arrays), labels=labels)


def random_samples(inputs: Sequence[Value], count: int = RANDOM_SAMPLES) -> Samples:
    """Uniform data in [-1, 1]: enough to try a model out, never representative."""
    rng = np.random.default_rng(0)
    arrays = tuple(rng.uniform(-1, 1, (count, *v.shape)).astype(np.float32) for v in inputs)
    return Samples(arrays, tuple(v.shape for v in inputs), representative=False)


def named_samples(data: str | Path, inputs: Sequence[Value]) -> Samples:
    """The samples in a file, or random ones when it is called "random"; Raises as `load_samples`."""
    return random_samples(inputs) if str(data) == RANDOM else load_samples(Path(data), inputs)


def load_samples(path: Path, inputs: Sequence[Value]) -> Samples:
    """The data in `path` for a model with these inputs.

    One input reads `x`; several read one array per input, by its name or as `x0`, `x1`, ...

    Raises:
        UsageError: unreadable, pickled, no samples, or of another shape or type than the model takes.
    """
    arrays = {key: data for key, data in read_npz(path).items() if isinstance(data, np.ndarray)}
    notes: list[str] = []
    chosen = []
    for k, value in enumerate(inputs):
        key = _key(arrays, value.name, k, len(inputs))
        if key is None:
            wanted = "'x'" if len(inputs) == 1 else f"'{value.name}' or 'x{k}'"
            raise UsageError(f"{path.name}: no array {wanted}; it holds {', '.join(sorted(arrays)) or 'nothing'}")
        chosen.append(_fitting(arrays[key], value, f"{path.name}: '{key}'", notes))
    counts = {len(a) for a in chosen}
    if counts == {0} or len(counts) != 1:
        raise UsageError(f"{path.name}: {'no samples' if counts == {0} else f'inputs have {sorted(counts)} samples'}")
    labels = arrays.get("y")
    if labels is not None and (labels.ndim != 1 or len(labels) != len(chosen[0]) or labels.dtype.kind not in "iu"):
        raise UsageError(
            f"{path.name}: 'y' is {labels.dtype.name}{list(labels.shape)}; it must be one integer per sample"
        )
    if labels is not None and labels.min() < 0:
        raise UsageError(f"{path.name}: 'y' holds {labels.min()}; labels count from 0")
    scale, offset = _number(arrays, "scale", 1.0, path.name), _number(arrays, "offset", 0.0, path.name)
    if scale <= 0:
        raise UsageError(f"{path.name}: 'scale' is {scale:g}; it must be greater than 0")
    shapes = tuple(v.shape for v in inputs)
    samples = Samples(tuple(chosen), shapes, labels, scale, offset, notes=tuple(notes), source=path.name)
    if not samples.fits_float32():
        raise UsageError(f"{path.name}: (x - offset) * scale exceeds float32; scale {scale:g}, offset {offset:g}")
    return samples


def _key(arrays: dict[str, np.ndarray], name: str, k: int, count: int) -> str | None:
    keys = ("x", name) if count == 1 else (name, f"x{k}")
    return next((key for key in keys if key in arrays), None)


def _number(arrays: dict[str, np.ndarray], key: str, default: float, where: str) -> float:
    if key not in arrays:
        return default
    value = arrays[key]
    if value.size != 1 or value.dtype.kind not in "iuf" or not np.isfinite(value).all():
        raise UsageError(f"{where}: '{key}' must be one finite number")
    return float(value.reshape(-1)[0])


def _fitting(data: np.ndarray, value: Value, where: str, notes: list[str]) -> np.ndarray:
    """`data` as [n, ...] in the element order of the model's input."""
    if data.dtype.kind not in "iufb":
        raise UsageError(f"{where} is {data.dtype.name}; it must hold numbers")
    if data.dtype.kind == "f" and not np.all(np.isfinite(data)):
        raise UsageError(f"{where} holds NaN or infinite values")
    if data.ndim == 0:
        raise UsageError(f"{where} is a single number; it must hold one entry per sample")
    sample = value.shape[1:] if value.shape and value.shape[0] == 1 else value.shape
    got = data.shape[1:]
    if got in (sample, value.shape):
        return data
    if [n for n in got if n != 1] == [n for n in sample if n != 1] and data.ndim > 1:
        return data
    turned = _channel_moved(got, sample)
    if turned is None:
        raise UsageError(f"{where} is {list(data.shape)}; the model takes [n, {', '.join(map(str, sample))}]")
    notes.append(f"{where}: axes reordered from {list(got)} to {list(sample)}")
    return np.ascontiguousarray(data.transpose(0, *[a + 1 for a in turned]))


def _channel_moved(got: tuple[int, ...], sample: tuple[int, ...]) -> tuple[int, ...] | None:
    """The axes that turn channels-first data into channels-last, or back; None when neither fits."""
    if len(got) != len(sample) or len(got) < 2:
        return None
    rank = len(got)
    last, first = (*range(1, rank), 0), (rank - 1, *range(rank - 1))
    return next((perm for perm in (last, first) if tuple(got[a] for a in perm) == sample), None)
