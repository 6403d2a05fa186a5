"""Compares float, integer reference and every place, and names the first layer that differs."""

from edgewright.validate.timing import timed
from edgewright.validate.validation import PlaceResult, Validation, validate

__all__ = ["PlaceResult", "Validation", "timed", "validate"]
