"""From a generated directory to linked programs and their measured sizes."""

from edgewright.build.builder import build
from edgewright.build.exclusive import exclusive
from edgewright.build.manifest import Layer, Manifest, Tensor, read_manifest
from edgewright.build.result import BuildResult, load_result

__all__ = ["BuildResult", "Layer", "Manifest", "Tensor", "build", "exclusive", "load_result", "read_manifest"]
