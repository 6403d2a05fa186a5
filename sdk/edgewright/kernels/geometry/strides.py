"""Arithmetic on strides: iteration spaces with as few dimensions as possible."""

from collections.abc import Sequence

Strides = tuple[int, ...]


def contiguous(shape: Sequence[int]) -> Strides:
    """Strides of a contiguous array, in elements."""
    strides: list[int] = []
    step = 1
    for size in reversed(shape):
        strides.insert(0, step)
        step *= size
    return tuple(strides)


def merged(dims: Sequence[int], operands: Sequence[Strides]) -> tuple[Strides, list[Strides]]:
    """The same addresses in the same order, with dimensions of 1 dropped and adjacent ones joined.

    dims: size of each dimension; operands: one stride per dimension for each operand. At least one
    dimension is left.
    """
    kept = [(size, tuple(s[k] for s in operands)) for k, size in enumerate(dims) if size != 1]
    joined: list[tuple[int, tuple[int, ...]]] = []
    for size, steps in kept:
        if joined and all(outer == inner * size for outer, inner in zip(joined[-1][1], steps, strict=True)):
            joined[-1] = (joined[-1][0] * size, steps)
        else:
            joined.append((size, steps))
    if not joined:
        joined = [(1, (0,) * len(operands))]
    sizes = tuple(size for size, _ in joined)
    return sizes, [tuple(steps[k] for _, steps in joined) for k in range(len(operands))]
