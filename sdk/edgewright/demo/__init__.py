"""The demo model and its data, which ship inside the package; `SOURCE.md` says where they come from."""

from importlib.resources import files
from pathlib import Path


def model_path() -> Path:
    """A float ONNX of handwritten digits: image [1, 1, 8, 8] -> logits [1, 10]."""
    return _resource("digits.onnx")


def calibration_path() -> Path:
    """100 training images for the quantizer: `.npz` with x uint8 [100, 1, 8, 8], y, scale and offset."""
    return _resource("digits_calibration.npz")


def held_out_path() -> Path:
    """500 images that the training never saw, with labels, in the same form."""
    return _resource("digits_test.npz")


def _resource(name: str) -> Path:
    # pip always unpacks a package, so a resource is a plain file and its path stays valid.
    return Path(str(files(__name__) / name))
