"""Sums, products and tables of whole vectors on base NEON."""

from edgewright.kernels.c import elementwise as portable


class AddKernel(portable.AddKernel):
    """A sum of two values of one shape."""

    symbol = "ew_add_s8__neon"
    sources = ("neon/ew_add_s8__neon.c",)
    instructions = (2.45, 40.0)


class MulKernel(portable.MulKernel):
    """A product of two values of one shape."""

    symbol = "ew_mul_s8__neon"
    sources = ("neon/ew_mul_s8__neon.c",)
    instructions = (2.25, 45.0)


class LutKernel(portable.LutKernel):
    """Any table, sixteen look-ups at a time."""

    symbol = "ew_lut_s8__neon"
    sources = ("neon/ew_lut_s8__neon.c",)
    table_align = 16
    instructions = (1.87, 110.0)
