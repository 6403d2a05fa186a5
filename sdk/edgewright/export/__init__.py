"""A generated directory as other people's build systems take a library: one module of `formats` per form."""

from edgewright.export.application import application, on_board
from edgewright.export.folder import Exported, write_export, write_folder
from edgewright.export.format import Files, Format
from edgewright.export.model import ExportedModel, exported_model
from edgewright.export.registry import all_formats, named_format
from edgewright.export.sample import Sample, chosen_sample, random_sample

__all__ = [
    "Exported",
    "ExportedModel",
    "Files",
    "Format",
    "Sample",
    "all_formats",
    "application",
    "chosen_sample",
    "exported_model",
    "named_format",
    "on_board",
    "random_sample",
    "write_export",
    "write_folder",
]
