"""A tree of element-wise operations on one value, run as one table.

HardSwish, SiLU, Gelu and the like, written out as primitive nodes by exporters, end here: whatever
computes a function of a single value element by element is one 256-entry table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgewright.ir import Graph
from edgewright.ops.base import Op
from edgewright.ops.table import TableOp


@dataclass(frozen=True, eq=False)
class FusedUnary(TableOp):
    """The function that `body` (one input, one output, element-wise nodes) computes.

    body: a float graph; its nodes are what is exported to ONNX again.
    """

    body: Graph[Op]

    @property
    def mnemonic(self) -> str:
        return "+".join(node.op.mnemonic for node in self.body.nodes)

    def evaluate(self, *inputs: np.ndarray | None) -> list[np.ndarray]:
        (x,) = inputs
        assert x is not None
        known: dict[int, np.ndarray] = {id(self.body.inputs[0]): x}
        for node in self.body.nodes:
            operands = [None if v is None else (v.data if v.data is not None else known[id(v)]) for v in node.inputs]
            known[id(node.output)] = node.op.evaluate(*operands)[0]
        return [np.asarray(known[id(self.body.outputs[0])], dtype=np.float32)]
