"""The clamp that a layer applies to its own output (a fused Relu or Clip)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edgewright.ir import Quant
from edgewright.ops.onnx_node import OnnxForm


@dataclass(frozen=True)
class Clamp:
    """low <= y <= high; infinite where there is no bound."""

    low: float = -math.inf
    high: float = math.inf

    @property
    def is_identity(self) -> bool:
        """Whether nothing is clamped."""
        return self.low == -math.inf and self.high == math.inf

    def apply(self, y: np.ndarray) -> np.ndarray:
        """The clamped float values."""
        return y if self.is_identity else np.clip(y, np.float32(self.low), np.float32(self.high))

    def then(self, other: Clamp) -> Clamp:
        """This clamp followed by another one."""
        return Clamp(min(max(self.low, other.low), other.high), max(min(self.high, other.high), other.low))

    def bounds(self, quant: Quant) -> tuple[int, int]:
        """act_min and act_max under `quant`."""
        low, high = -128, 127
        if self.low > -math.inf:
            low = int(np.clip(np.rint(self.low / quant.scale) + quant.zero, -128, 127))
        if self.high < math.inf:
            high = int(np.clip(np.rint(self.high / quant.scale) + quant.zero, -128, 127))
        return low, high

    def to_onnx(self) -> list[OnnxForm]:
        """No node, a Relu, or a Clip."""
        if self.is_identity:
            return []
        if self.low == 0.0 and self.high == math.inf:
            return [OnnxForm("Relu")]
        largest = float(np.finfo(np.float32).max)
        bounds = np.array([max(self.low, -largest), min(self.high, largest)], dtype=np.float32)
        return [OnnxForm("Clip", {}, {1: bounds[0], 2: bounds[1]})]


NO_CLAMP = Clamp()
