"""The integer contracts: what each kernel computes, to the bit.

A contract is a frozen record of integers and integer arrays together with its NumPy reference. The
quantizer lowers float operations to contracts; the interpreter runs their references; the kernels in
`runtime_c` must give the same bytes. One file per kernel family, the twin of `ew_kernels.h`.
"""

from edgewright.contracts.base import Contract, NumberFormat

__all__ = ["Contract", "NumberFormat"]
