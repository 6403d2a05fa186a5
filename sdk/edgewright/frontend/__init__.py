"""ONNX in, ONNX out: the only package that imports `onnx`."""

from edgewright.frontend.export import export_onnx
from edgewright.frontend.importer import import_model
from edgewright.frontend.load import ModelFile, load_model

__all__ = ["ModelFile", "export_onnx", "import_model", "load_model"]
