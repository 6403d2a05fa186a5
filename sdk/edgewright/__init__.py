"""Edgewright: from an ONNX model to verified int8 C on microcontrollers and Raspberry Pi."""

__version__ = "0.1.0"
