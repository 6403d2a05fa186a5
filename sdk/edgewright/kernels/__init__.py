"""How each contract runs: one file per kernel family, the twin of `runtime_c/src`.

A `Kernel` is one body in C for one ISA: which contracts it takes, how it wants its weights packed, how
much scratch it needs. The registry finds them by importing every module of this package.
"""

from edgewright.kernels.base import AnyKernel, Kernel, KernelCall
from edgewright.kernels.goal import Goal
from edgewright.kernels.registry import all_kernels, candidates

__all__ = ["AnyKernel", "Goal", "Kernel", "KernelCall", "all_kernels", "candidates"]
