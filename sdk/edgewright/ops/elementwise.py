"""What the element-wise operations of two operands share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.ops.activation import NO_CLAMP, Clamp
from edgewright.ops.base import Op, Shape
from edgewright.ops.broadcast import shapes_broadcast
from edgewright.ops.lowering import Lowering
from edgewright.ops.table import lower_to_table


@dataclass(frozen=True)
class Binary(Op):
    """y = clamp(function(a, b)) with NumPy broadcasting."""

    clamp: Clamp = NO_CLAMP

    shapes_broadcast = shapes_broadcast

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        a, b = inputs
        assert a is not None
        assert b is not None
        return [tuple(np.broadcast_shapes(a, b))]

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        return self

    def lower(self, low: Lowering) -> None:
        for index in (0, 1):
            scalar = low.node.operand(1 - index).data
            if scalar is not None and scalar.size == 1 and low.node.operand(index).size == low.out().size:
                self._lower_with_scalar(low, index, scalar.reshape(()))
                return
        self.lower_pair(low)

    def lower_pair(self, low: Lowering) -> None:
        """Emit the contract for two operands neither of which is a single constant."""
        raise NotImplementedError(type(self).__name__)

    def _lower_with_scalar(self, low: Lowering, index: int, scalar: np.ndarray) -> None:
        def of_the_other(x: np.ndarray) -> np.ndarray:
            return self.evaluate(x, scalar)[0] if index == 0 else self.evaluate(scalar, x)[0]

        lower_to_table(low, of_the_other, index)
