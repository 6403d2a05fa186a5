"""The generated directory: what it holds, its manifest, and how it is opened, owned and replaced."""

from edgewright.artifact.directory import Directory, check_folder, open_directory, read_manifest, replaced
from edgewright.artifact.exclusive import exclusive
from edgewright.artifact.layout import Layout
from edgewright.artifact.manifest import Held, Layer, Manifest, Model, Tensor

__all__ = [
    "Directory",
    "Held",
    "Layer",
    "Layout",
    "Manifest",
    "Model",
    "Tensor",
    "check_folder",
    "exclusive",
    "open_directory",
    "read_manifest",
    "replaced",
]
