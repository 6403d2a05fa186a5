"""What the element-wise operations of two operands share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.ops.activation import NO_CLAMP, Clamp
from edgewright.ops.base import Op, Shape


@dataclass(frozen=True)
class Binary(Op):
    """y = clamp(function(a, b)) with NumPy broadcasting."""

    clamp: Clamp = NO_CLAMP

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        a, b = inputs
        assert a is not None
        assert b is not None
        return [tuple(np.broadcast_shapes(a, b))]

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        return self
