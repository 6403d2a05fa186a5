"""More samples than there are: mixtures with noise, for layers with more inputs than the samples have rows for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from edgewright.compress.activations import Sample
from edgewright.compress.rows import RowForm

#: Rows that each input of a layer should have, and the most that is made of one sample.
ROWS_PER_COLUMN, MOST_COPIES = 4, 20
#: Noise in units of the standard deviation of an input: one number for all of a sample, and one for each element.
NOISE = 0.3


def copies_needed(samples: int, layers: Iterable[RowForm]) -> int:
    """How many mixtures of every sample give each layer rows enough; 0 when no layer has more inputs than rows."""
    short = [form.columns / (form.rows * samples) for form in layers if form.columns > form.rows * samples]
    return min(MOST_COPIES, int(np.ceil(ROWS_PER_COLUMN * max(short)))) if short else 0


def enriched(samples: Sequence[Sample], copies: int) -> list[Sample]:
    """`samples`, and behind them so many mixtures of each with another one, with noise.

    Where samples do not reach, rounding could put any error: it would be small on them alone. What resembles them, and
    what is a little off, as anomalies are, bounds it.
    """
    rng = np.random.default_rng(0)
    found = list(samples)
    deviations = [float(np.std([sample[k] for sample in samples])) for k in range(len(samples[0]))]
    for _ in range(copies):
        for own, other in zip(samples, rng.permutation(len(samples)), strict=True):
            share, offset, grain = rng.random() / 2, rng.standard_normal(), rng.random()
            mixed = []
            for x, y, deviation in zip(own, samples[other], deviations, strict=True):
                noise = NOISE * deviation * (offset + grain * rng.standard_normal(x.shape))
                mixed.append(((1 - share) * x + share * y + noise).astype(np.float32))
            found.append(mixed)
    return found
