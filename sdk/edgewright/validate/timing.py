"""Time of one inference where it can be measured: on the host and on a device."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np

from edgewright.artifact import Directory
from edgewright.errors import LinkError
from edgewright.validate.validation import open_place

RUNS = 51


def timed(directory: Directory, place: str) -> dict[str, Any]:
    """The median of `RUNS` inferences at "host" or "device:PORT", as the runner there measures it.

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
    return {
        "unit": "host-time" if place == "host" else "device-cycles",
        "time": int(statistics.median(times)),
        "time_unit": unit,
        "runs": RUNS,
        "instructions": None,
        "loads": None,
        "stores": None,
        "model_cycles": None,
        "flash_wait_states": None,
        "model_cycles_error": None,
        "layers": [],
    }
