"""Modelled cycles of a Cortex-M."""

from pathlib import Path

from edgewright.profile.plugin import Measurement
from edgewright.targets import Target


def model_cycles(target: Target, program: Path, measured: Measurement) -> int | None:
    return None
