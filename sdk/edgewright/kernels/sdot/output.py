"""What the SDOT kernels ask of requantization, the twin of `runtime_c/src/sdot/ew_output__sdot.inc`.

SQRDMLAH adds the zero point while it scales, and the low halves of the results are their int16 values: nine
instructions for sixteen outputs, where no sum can leave int16 after scaling.
"""

import numpy as np

from edgewright.kernels.geometry.bounds import INT16_MAX, largest_scaled
from edgewright.kernels.geometry.limits import shift_refusal


def narrow_refusal(weights: np.ndarray, bias: np.ndarray, mult: np.ndarray, shift: int) -> str | None:
    """Why outputs may need more than SQRDMLAH and int16; arrays as in `largest_scaled`."""
    if shift:
        return shift_refusal(shift)
    found = largest_scaled(weights, bias, mult) + 128
    return f"scaled sums reach {found}; supported: {INT16_MAX}" if found > INT16_MAX else None
