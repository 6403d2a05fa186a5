"""Sums of two values on Armv7 NEON; eight lanes."""

from edgewright.kernels.neon import elementwise as neon


class AddKernel(neon.AddKernel):
    """A sum of two values of one shape."""

    symbol = "ew_add_s8__armv7_neon"
    sources = ("armv7_neon/ew_add_s8__armv7_neon.c",)
    instructions = (3.13, 40.0)
