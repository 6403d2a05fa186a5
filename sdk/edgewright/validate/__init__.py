"""Compares float, integer reference and every place, and names the first layer that differs."""

from edgewright.validate.directory import Directory, open_directory
from edgewright.validate.timing import timed
from edgewright.validate.validation import PlaceResult, Validation, validate

__all__ = ["Directory", "PlaceResult", "Validation", "open_directory", "timed", "validate"]
