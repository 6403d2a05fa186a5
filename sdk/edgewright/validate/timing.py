"""Time of one inference where it can be measured: on the host and on a device."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

import numpy as np

from edgewright.artifact import Directory
from edgewright.errors import LinkError
from edgewright.validate.validation import open_place

RUNS = 51


@dataclass(frozen=True)
class Timing:
    """The median `time` of so many runs. unit: "cycles" or "nanoseconds"."""

    time: int
    unit: str
    runs: int


def timed(directory: Directory, place: str) -> Timing:
    """Some inferences at "host", "device:PORT" or "ssh:HOST", as the runner there measures them.

    Raises:
        LinkError: the place cannot tell time.
    """
    inputs = [np.zeros(value.shape, dtype=np.int8) for value in directory.graph.inputs]
    times: list[int] = []
    unit = ""
    with open_place(directory, place) as runner:
        for _ in range(RUNS):
            runner.infer(inputs)
            if runner.last_cost.time is None:
                raise LinkError(f"{place}: measures no time; profile on the emulator instead")
            times.append(runner.last_cost.time)
            unit = str(runner.last_cost.time_unit)
    return Timing(int(statistics.median(times)), unit, RUNS)
