"""What a value carries besides its data."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Quant:
    """Per-tensor affine quantization to int8: real = (q - zero) * scale.

    scale: positive and finite, in the unit of the real value.
    zero: the int8 that stands for 0.0.
    """

    scale: float
    zero: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", float(self.scale))  # NumPy's numbers print differently in C and in JSON
        object.__setattr__(self, "zero", int(self.zero))
        if not (np.isfinite(self.scale) and self.scale > 0):
            raise ValueError(f"scale {self.scale} is not a positive number")
        if not -128 <= self.zero <= 127:
            raise ValueError(f"zero point {self.zero} is outside int8")

    def quantize(self, real: np.ndarray) -> np.ndarray:
        """Nearest int8 (halves to even, saturating), shape of `real`."""
        return np.asarray(np.clip(np.rint(real / self.scale) + self.zero, -128, 127)).astype(np.int8)

    def dequantize(self, q: np.ndarray) -> np.ndarray:
        """The real values, float32, shape of `q`."""
        return np.asarray((q.astype(np.float32) - np.float32(self.zero)) * np.float32(self.scale), dtype=np.float32)
