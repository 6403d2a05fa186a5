"""The case table of every contract, and kernels of one ISA joined into one test program."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from edgewright.contracts import Contract
from edgewright.contracts.conv import ConvS8, ConvTransposeS8, DepthwiseS8
from edgewright.contracts.dense import FcS8, MatmulS8
from edgewright.contracts.elementwise import AddS8, LutS8, MinMaxS8, MulS8, PreluS8
from edgewright.contracts.movement import CopyS8, GatherS8, ResizeLinearS8
from edgewright.contracts.norm import LayerNormS8
from edgewright.contracts.pool import ArgMaxS8, AvgPoolS8, MaxPoolS8, ReduceMaxS8, ReduceSumS8
from edgewright.contracts.recurrent import GruS8, LstmS8
from edgewright.contracts.softmax import LogSoftmaxS8, SoftmaxS8
from edgewright.kernels import AnyKernel, Kernel, KernelCall, all_kernels
from tests.harness import (
    conv_cases,
    elementwise_cases,
    movement_cases,
    norm_cases,
    pool_cases,
    recurrent_cases,
    w4_cases,
)
from tests.harness.kernel_program import Case

Table = Callable[[], list[Case]]
CONV: dict[type[Contract], Table] = {
    ConvS8: lambda: conv_cases.conv_table() + w4_cases.conv_table(),
    DepthwiseS8: lambda: conv_cases.depthwise_table() + w4_cases.depthwise_table(),
    FcS8: lambda: conv_cases.fc_table() + w4_cases.fc_table(),
    ConvTransposeS8: conv_cases.conv_transpose_table,
    MatmulS8: conv_cases.matmul_table,
}
ELEMENTWISE: dict[type[Contract], Table] = {
    AddS8: elementwise_cases.add_table,
    MulS8: elementwise_cases.mul_table,
    MinMaxS8: elementwise_cases.min_max_table,
    LutS8: elementwise_cases.lut_table,
    PreluS8: elementwise_cases.prelu_table,
}
POOL: dict[type[Contract], Table] = {
    MaxPoolS8: pool_cases.max_pool_table,
    AvgPoolS8: pool_cases.avg_pool_table,
    ReduceSumS8: pool_cases.reduce_sum_table,
    ReduceMaxS8: pool_cases.reduce_max_table,
    ArgMaxS8: pool_cases.arg_max_table,
}
NORM: dict[type[Contract], Table] = {
    SoftmaxS8: norm_cases.softmax_table,
    LogSoftmaxS8: norm_cases.log_softmax_table,
    LayerNormS8: norm_cases.layer_norm_table,
}
RECURRENT: dict[type[Contract], Table] = {
    LstmS8: recurrent_cases.lstm_table,
    GruS8: recurrent_cases.gru_table,
}
MOVEMENT: dict[type[Contract], Table] = {
    CopyS8: movement_cases.copy_table,
    GatherS8: movement_cases.gather_table,
    ResizeLinearS8: movement_cases.resize_table,
}


@dataclass(frozen=True, eq=False)
class Assigned(Contract):
    """A contract together with the kernel that shall run it."""

    kernel: AnyKernel
    inner: Contract

    def reference(self, *inputs: np.ndarray) -> np.ndarray:
        return self.inner.reference(*inputs)


class _Joined(Kernel[Assigned]):
    """Runs each `Assigned` contract with its kernel; `one_kernel` adds the sources."""

    symbol = "joined"

    def __init__(self, kernels: Sequence[AnyKernel]) -> None:
        self.kernels = kernels

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(header for kernel in self.kernels for header in kernel.headers))

    def calls(self, contract: Assigned) -> list[KernelCall]:
        return contract.kernel.calls(contract.inner)

    def scratch_bytes(self, contract: Assigned) -> int:
        return contract.kernel.scratch_bytes(contract.inner)

    def in_place(self, contract: Assigned) -> tuple[int, ...]:
        return contract.kernel.in_place(contract.inner)

    def overlap_bytes(self, contract: Assigned) -> int | None:
        return contract.kernel.overlap_bytes(contract.inner)


def one_kernel(kernels: Sequence[AnyKernel]) -> Kernel[Assigned]:
    """Several kernels as one, for `Assigned` contracts: a single test program runs them all."""

    class Program(_Joined):
        sources = tuple(dict.fromkeys(source for kernel in kernels for source in kernel.sources))

    return Program(kernels)


def joined(isa: str, tables: dict[type[Contract], Table]) -> tuple[Kernel[Assigned], list[Case]]:
    """The kernels of `isa` for these contracts, each with all the cases that it takes; none when there is no kernel."""
    kernels = [k for k in all_kernels() if k.isa == isa and k.contract in tables and k.symbol]
    cases = [
        Case(f"{kernel.symbol}: {case.why}", Assigned(kernel, case.contract), case.inputs)
        for kernel in kernels
        for case in tables[kernel.contract]()
        if kernel.refusal(case.contract) is None
    ]
    return one_kernel(kernels), cases
