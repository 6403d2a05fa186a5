"""Fully connected layers, and 1x1 convolutions as their rows: a body of the one becomes one of the other."""

from abc import abstractmethod
from typing import ClassVar

from edgewright.cgen import Array
from edgewright.contracts.conv import ConvS8
from edgewright.contracts.dense import FcS8
from edgewright.kernels.advsimd.packing import matrix, tail_scratch
from edgewright.kernels.base import Kernel, KernelCall
from edgewright.kernels.c.conv import packed_call
from edgewright.kernels.c.dense import fc_fields
from edgewright.kernels.geometry.limits import pointwise_refusal


class DenseKernel(Kernel[FcS8]):
    """A fully connected layer through the matrix product of an instruction set."""

    @abstractmethod
    def packed(self, contract: FcS8) -> Array:
        """Weights, bias and mult as the product reads them."""

    def tail(self, k: int, x_pitch: int) -> int:
        """Bytes of scratch for rows of k inputs, x_pitch apart."""
        return tail_scratch(k, x_pitch)

    def calls(self, contract: FcS8) -> list[KernelCall]:
        return [KernelCall(self.symbol, "ew_fc_s8_t", fc_fields(contract, self.packed(contract), 0, 0))]

    def scratch_bytes(self, contract: FcS8) -> int:
        k = contract.weights.shape[1]
        return self.tail(k, k)


class PointwiseKernel(Kernel[ConvS8]):
    """A 1x1 convolution of any stride through the same product."""

    dense: ClassVar[DenseKernel]

    def limits(self, contract: ConvS8) -> str | None:
        return pointwise_refusal(contract) or self.dense.limits(as_rows(contract))

    def calls(self, contract: ConvS8) -> list[KernelCall]:
        return packed_call(self.symbol, contract, self.dense.packed(as_rows(contract)))

    def scratch_bytes(self, contract: ConvS8) -> int:
        return self.dense.tail(contract.in_shape[2], contract.in_shape[2] * contract.window.stride[1])

    def cost(self, contract: ConvS8) -> float:
        return self.dense.cost(as_rows(contract))


def as_rows(c: ConvS8) -> FcS8:
    """The fully connected layer that computes the same of every position that a 1x1 convolution sees."""
    rows = c.out_shape[0] * c.out_shape[1]
    return FcS8(matrix(c), c.bias, c.mult, c.shift, rows, (1, *c.out_shape), c.y_zero, c.act_min, c.act_max)
