"""Where each position of a resized axis comes from: coordinate transformations and rounding of ONNX Resize."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Coordinate transformations with a formula in `ResizedAxis.coordinates`.
TRANSFORMATIONS = (
    "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
)  # fmt: skip
#: Ways to round a coordinate; "simple" is the one of opset 10: down, or up when shrinking.
ROUNDINGS = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil", "simple")


@dataclass(frozen=True)
class ResizedAxis:
    """One axis resized from `size` to `out` positions; scale as the model says it, near out / size."""

    size: int
    out: int
    scale: float

    @property
    def is_identity(self) -> bool:
        """Whether nothing changes."""
        return self.size == self.out and self.scale == 1.0

    @property
    def written_scale(self) -> np.float32:
        """The scale that gives `out` by ONNX's rule, floor(size * scale) in float32; at most one bit larger."""
        scale = np.float32(self.scale)
        exact = np.floor(np.float32(self.size) * scale) == self.out
        return scale if exact else np.nextafter(scale, np.float32(np.inf))

    def coordinates(self, transformation: str) -> np.ndarray:
        """Position in the input of every output position, float32 [out], as ONNX Runtime computes it.

        Source: ONNX Resize, opset 19, coordinate_transformation_mode.
        """
        at = np.arange(self.out, dtype=np.float32)
        scale, one, half = np.float32(self.scale), np.float32(1), np.float32(0.5)
        if self.is_identity:
            return at
        match transformation:
            case "half_pixel":
                return (at + half) / scale - half
            case "half_pixel_symmetric":
                adjustment = np.float32(self.out) / (scale * np.float32(self.size))
                start = np.float32(self.size) / 2 * (one - adjustment)
                return np.asarray(start + (at + half) / scale - half, dtype=np.float32)
            case "pytorch_half_pixel":
                return (at + half) / scale - half if self.out > 1 else np.zeros_like(at)
            case "align_corners":
                return at * np.float32(self.size - 1) / np.float32(self.out - 1) if self.out > 1 else np.zeros_like(at)
            case "asymmetric":
                return at / scale
        raise ValueError(transformation)

    def nearest(self, transformation: str, rounding: str) -> np.ndarray:
        """Index of the input position that every output position copies, int64 [out]."""
        at = self.coordinates(transformation)
        half = np.float32(0.5)
        match rounding:
            case "round_prefer_floor":
                at = np.ceil(at - half)
            case "round_prefer_ceil":
                at = np.floor(at + half)
            case "ceil":
                at = np.ceil(at)
            case "simple" if self.scale < 1:
                at = np.ceil(at)
            case _:
                at = np.floor(at)
        return at.clip(0, self.size - 1).astype(np.int64)

    def cubic(self, transformation: str, coefficient: float, exclude_outside: bool) -> np.ndarray:
        """What every output position takes of every input position, float32 [out, size].

        coefficient: cubic_coeff_a. Outside positions repeat the border, or are left out and the others scaled up.
        Source: ONNX Resize, opset 19; R. Keys, "Cubic convolution interpolation", 1981, equation 15.
        """
        at, a = self.coordinates(transformation).astype(np.float64), coefficient
        first = np.floor(at).astype(np.int64)
        taken = np.zeros((self.out, self.size))
        for index in (first - 1, first, first + 1, first + 2):
            d = np.abs(at - index)
            near, far = ((a + 2) * d - (a + 3)) * d * d + 1, ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
            weight = np.where(d <= 1, near, np.where(d < 2, far, 0.0))
            if exclude_outside:
                weight = np.where((index >= 0) & (index < self.size), weight, 0.0)
            np.add.at(taken, (np.arange(self.out), index.clip(0, self.size - 1)), weight)
        return np.asarray(taken / taken.sum(axis=1, keepdims=True), dtype=np.float32)

    def linear(self, transformation: str) -> tuple[np.ndarray, np.ndarray]:
        """Index of the first of two neighbours, int64 [out], and the weight of the second one, float32 [out]."""
        at = self.coordinates(transformation).clip(0, self.size - 1)
        index = np.floor(at).astype(np.int64).clip(0, max(self.size - 2, 0))
        return index, (at - index).astype(np.float32)
