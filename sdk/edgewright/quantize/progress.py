"""Tells how far a pass over samples has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from edgewright.quantize.samples import Samples

#: Called with the steps done and the steps in all.
Progress = Callable[[int, int], None]


class Ticker:
    """Counts samples over several passes. total: samples of all passes together; progress: None to stay silent."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def over(self, samples: Samples) -> Ticking:
        """`samples`, every one of which counts when it has been dealt with; may be iterated again."""
        return Ticking(samples, self)

    def tick(self) -> None:
        """One more sample is done."""
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._total)

    def advance(self, count: int) -> None:
        """So many more samples are done."""
        for _ in range(count):
            self.tick()

    def reach(self, done: int) -> None:
        """So many samples are done in all, some of which turned out not to be needed."""
        while self._done < done:
            self.tick()


class Ticking:
    """Samples that count while they are iterated."""

    def __init__(self, samples: Samples, ticker: Ticker) -> None:
        self._samples = samples
        self._ticker = ticker

    def __iter__(self) -> Iterator[Sequence[np.ndarray]]:
        for sample in self._samples:
            yield sample
            self._ticker.tick()
