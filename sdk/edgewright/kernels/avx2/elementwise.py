"""Sums on x86-64 with AVX2."""

from edgewright.kernels.c import elementwise as portable


class AddKernel(portable.AddKernel):
    """A sum of two values of one shape, 16 at a time."""

    symbol = "ew_add_s8__avx2"
    sources = ("avx2/ew_add_s8__avx2.c",)
    instructions = (2.0, 0.0)
