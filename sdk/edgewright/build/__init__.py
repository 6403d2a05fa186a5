"""From a generated directory to linked programs and their measured sizes."""

from edgewright.build.builder import build
from edgewright.build.result import BuildResult, load_result

__all__ = ["BuildResult", "build", "load_result"]
