"""Rows of a sliding window's output: what they read, and the contract that computes just them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edgewright.contracts.conv import ConvS8, DepthwiseS8
from edgewright.contracts.pool import AvgPoolS8, MaxPoolS8

Windowed = ConvS8 | DepthwiseS8 | MaxPoolS8 | AvgPoolS8


@dataclass(frozen=True)
class Rows:
    """Rows [first, last) of a value."""

    first: int
    last: int

    @property
    def count(self) -> int:
        """How many."""
        return self.last - self.first

    def joined(self, other: Rows | None) -> Rows:
        """The smallest range that holds both."""
        return self if other is None else Rows(min(self.first, other.first), max(self.last, other.last))


def has_row_contracts(op: Windowed) -> bool:
    """Whether any rows of the output have a contract of their own: every window begins above the input's last row.

    A window that lies below the input cannot be said with a padding above it.
    """
    return (op.out_shape[0] - 1) * op.window.stride[0] - op.window.pad[0] < op.in_shape[0]


def input_rows(op: Windowed, out: Rows) -> Rows:
    """Rows of the input that the output rows `out` are computed from, one at least."""
    window = op.window
    first = out.first * window.stride[0] - window.pad[0]
    last = (out.last - 1) * window.stride[0] - window.pad[0] + (window.kernel[0] - 1) * window.dilation[0] + 1
    height = op.in_shape[0]
    return Rows(min(max(first, 0), height - 1), max(min(last, height), 1))


def on_rows(op: Windowed, out: Rows) -> Windowed:
    """The contract of just the output rows `out`, on their `input_rows`."""
    above = max(0, op.window.pad[0] - out.first * op.window.stride[0])
    window = replace(op.window, pad=(above, op.window.pad[1]))
    in_shape = (input_rows(op, out).count, op.in_shape[1], op.in_shape[2])
    return replace(op, window=window, in_shape=in_shape, out_shape=(out.count, *op.out_shape[1:]))
