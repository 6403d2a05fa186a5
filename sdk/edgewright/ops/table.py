"""Operations that are one function of one value, which int8 runs as a table of 256 bytes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgewright.contracts.elementwise import LutS8
from edgewright.contracts.movement import ReshapeS8
from edgewright.ops.base import Op, Shape
from edgewright.ops.lowering import Lowering


class TableOp(Op):
    """An element-wise function of one input; a class of it says what `evaluate` computes."""

    def output_shapes(self, *inputs: Shape | None) -> list[Shape]:
        assert inputs[0] is not None
        return [inputs[0]]

    def lower(self, low: Lowering) -> None:
        lower_to_table(low, lambda x: self.evaluate(x)[0])

    def permuted(self, perm: tuple[int, ...], shapes: list[Shape | None]) -> Op | None:
        return self


def lower_to_table(low: Lowering, function: Callable[[np.ndarray], np.ndarray], index: int = 0) -> None:
    """Emit the table of an element-wise `function` of input `index`; none where it changes no byte."""
    x, yq = low.input(index), low.out_quant()
    y = function(low.quant(index).dequantize(np.arange(-128, 128))).reshape(256)  # constants may have any rank
    largest = 1024.0 * yq.scale  # beyond any value that int8 can hold
    table = yq.quantize(np.nan_to_num(y, nan=0.0).clip(-largest, largest))
    if np.array_equal(table, np.arange(-128, 128)):
        low.emit(ReshapeS8(out_shape=low.out().shape), [x])
    else:
        low.emit(LutS8(table=table, n=x.size), [x])
