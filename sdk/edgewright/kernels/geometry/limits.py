"""What many bodies do not take, in the same words."""

from edgewright.contracts.conv import ConvS8, DepthwiseS8


def shift_refusal(shift: int) -> str | None:
    """Why sums are not scaled by one instruction, which does not shift them before."""
    return f"sums shifted by {shift}; supported: 0" if shift else None


def groups_refusal(c: ConvS8) -> str | None:
    """Why a convolution is not one product."""
    return f"{c.groups} groups; supported: 1" if c.groups != 1 else None


def multiplier_refusal(c: DepthwiseS8) -> str | None:
    """Why an input channel has more than one output."""
    multiplier = c.out_shape[2] // c.in_shape[2]
    return f"a channel multiplier of {multiplier}; supported: 1" if multiplier != 1 else None


def whole_refusal(c: ConvS8 | DepthwiseS8) -> str | None:
    """Why the only window of a layer is not its whole input."""
    if c.covers_input:
        return None
    return f"kernel {c.window.kernel} and {c.out_shape[:2]} outputs; supported: all of {c.in_shape[:2]} as one window"


def pointwise_refusal(c: ConvS8) -> str | None:
    """Why a convolution is not a product of plain pixels."""
    if c.sees_one_position:
        return None
    return f"kernel {c.window.kernel}, pad {c.window.pad}, groups {c.groups}; supported: 1x1 without padding or groups"
