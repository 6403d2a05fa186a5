"""Compares float, integer reference and every place, and names the first layer that differs."""

from edgewright.validate.metrics import Comparison
from edgewright.validate.timing import Timing, timed
from edgewright.validate.validation import PlaceResult, Validation, validate

__all__ = ["Comparison", "PlaceResult", "Timing", "Validation", "timed", "validate"]
