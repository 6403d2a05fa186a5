"""Scales, rounding and requantization: the only home of that arithmetic in Python.

The C twin is `runtime_c/include/ew_fixed_point.h`; `docs/numerics.md` derives the rules.
"""

from edgewright.numerics.requantize import Multiplier, multiplier, requantize, saturating_shift_left
from edgewright.numerics.sums import sum_multipliers
from edgewright.numerics.weights import W4_MAX, LinearLayer, least_scales, quantize_linear

__all__ = [
    "W4_MAX",
    "LinearLayer",
    "Multiplier",
    "least_scales",
    "multiplier",
    "quantize_linear",
    "requantize",
    "saturating_shift_left",
    "sum_multipliers",
]
