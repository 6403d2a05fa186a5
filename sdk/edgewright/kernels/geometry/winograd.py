"""Which convolutions have an exact integer Winograd form."""

from edgewright.contracts.conv import ConvS8
from edgewright.kernels.geometry.bounds import largest_sums


def window_refusal(c: ConvS8) -> str | None:
    """Why a convolution is not one of 3x3, stride 1."""
    window = c.window
    if window.kernel == (3, 3) and window.stride == (1, 1) and window.dilation == (1, 1) and c.groups == 1:
        return None
    return (
        f"kernel {window.kernel}, stride {window.stride}, dilation {window.dilation}, groups {c.groups}; "
        "supported: 3x3, stride 1, dilation 1, groups 1"
    )


def sum_refusal(c: ConvS8, limit: int) -> str | None:
    """Why its sums may not survive being kept as multiples modulo 2^32, which they do below `limit`."""
    largest = int(largest_sums(c.weights, c.bias).max())
    return f"a sum of up to {largest}; supported: less than {limit}" if largest >= limit else None
