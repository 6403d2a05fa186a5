"""The integer kernels' arithmetic on tensors: forward to the bit, backward straight through.

A value is a tensor of whole numbers q - zero in float32, which holds them exactly. What rounds or saturates is computed
in int64 as the contracts say; its gradient is that of the real function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from edgewright.contracts import Contract
from edgewright.contracts.elementwise import AddS8, LutS8, MinMaxS8, MulS8
from edgewright.contracts.movement import ReshapeS8
from edgewright.ir import Graph, Node, Quant, Value
from edgewright.numerics.requantize import INT32_MAX, INT32_MIN
from edgewright.ops import Op
from edgewright.ops.lowering import Lowering, requantizing_table

#: Whole numbers up to here are exact in float32, and so is any sum of which no part exceeds them.
EXACT_FLOAT32 = 2**24


def straight(value: Tensor, real: Tensor) -> Tensor:
    """`value` forward, the gradient of `real` backward: what is added to it is exactly zero.

    Source: Y. Bengio, N. Leonard, A. Courville, "Estimating or Propagating Gradients Through Stochastic Neurons", 2013.
    """
    return value.detach() + (real - real.detach())


def requantize(acc: Tensor, mult: Tensor, shift: int, zero: int, act_min: int, act_max: int) -> Tensor:
    """int64 outputs of int64 accumulators: `numerics.requantize`, whose last axis need not be that of `mult`."""
    if shift:
        acc = torch.clamp(acc << shift, INT32_MIN, INT32_MAX)
    return torch.clamp(((acc * mult + (1 << 31)) >> 32) + zero, act_min, act_max)


def quantize(x: Tensor, quant: Quant) -> Tensor:
    """q - zero of real numbers, by the division in float32 that `Quant.quantize` makes."""
    steps = torch.round(x / torch.tensor(quant.scale, dtype=torch.float32))
    return torch.clamp(steps + quant.zero, -128, 127) - quant.zero


def looked_up(x: Tensor, table: np.ndarray, have: Quant, want: Quant) -> Tensor:
    """table [256] of q: the result minus the zero of `want`."""
    found = torch.as_tensor(table.astype(np.float32))[(x.detach() + (have.zero + 128)).long()]
    return found - want.zero


def under(x: Tensor, have: Quant, want: Quant) -> Tensor:
    """A value of one quantization under another one."""
    if have == want:
        return x
    real = torch.clamp(x * (have.scale / want.scale), -128 - want.zero, 127 - want.zero)
    return straight(looked_up(x, requantizing_table(have, want), have, want), real)


def _lut(contract: LutS8, inputs: Sequence[Tensor]) -> Tensor:
    return torch.as_tensor(contract.table.astype(np.int64))[inputs[0] + 128]


def _add(contract: AddS8, inputs: Sequence[Tensor]) -> Tensor:
    acc = (inputs[0] * contract.a_mult + inputs[1] * contract.b_mult + contract.offset) >> contract.shift
    return torch.clamp(acc, contract.act_min, contract.act_max)


def _mul(contract: MulS8, inputs: Sequence[Tensor]) -> Tensor:
    product = (inputs[0] - contract.a_zero) * (inputs[1] - contract.b_zero)
    mult = torch.tensor(contract.mult, dtype=torch.int64)
    return requantize(product, mult, contract.shift, contract.y_zero, contract.act_min, contract.act_max)


#: Contract -> what it computes of int64 tensors [n, ...] of q.
CONTRACTS: dict[type[Contract], Callable[[Any, Sequence[Tensor]], Tensor]] = {
    LutS8: _lut,
    AddS8: _add,
    MulS8: _mul,
    MinMaxS8: lambda contract, inputs: (torch.maximum if contract.is_max else torch.minimum)(*inputs),
    ReshapeS8: lambda contract, inputs: inputs[0].reshape(len(inputs[0]), *contract.out_shape[1:]),
}


class Lowered:
    """The contracts of one element-wise node, whatever layout its values have.

    Raises:
        Unsupported, OverflowError, ValueError: as the lowering of the node.
    """

    def __init__(self, node: Node[Op]) -> None:
        self._graph: Graph[Contract] = Graph(node.name)
        sources = [v for v in node.inputs if v is not None and not v.is_const]
        values = {v: Value(v.name, v.shape, "int8", None, v.quant) for v in sources}
        self._inputs = [values[v] for v in sources]
        node.op.lower(Lowering(self._graph, node, values))

    @property
    def contracts(self) -> list[Contract]:
        """In the order in which they run."""
        return [node.op for node in self._graph.nodes]

    def __call__(self, inputs: Sequence[Tensor]) -> Tensor:
        """int64 q of the output; inputs: int64 q of the operands that are no constants."""
        known = dict(zip(self._inputs, inputs, strict=True))
        for node in self._graph.nodes:
            operands = [
                known[v] if v.data is None else torch.as_tensor(v.data.astype(np.int64))
                for v in node.inputs
                if v is not None
            ]
            known[node.output] = CONTRACTS[type(node.op)](node.op, operands)
        return known[self._graph.nodes[-1].output]
