"""Copies as the operators that become one, gathers and resizes."""

import math

import numpy as np

from edgewright.contracts.movement import Copy, CopyS8, GatherS8, ResizeLinearS8
from edgewright.kernels.geometry.strides import contiguous
from tests.harness.conv_cases import Random, random_s8
from tests.harness.kernel_program import Case

Shape = tuple[int, ...]


def transpose(rng: Random, shape: Shape, order: Shape) -> Case:
    out = tuple(shape[k] for k in order)
    copy = Copy(out, tuple(contiguous(shape)[k] for k in order), contiguous(out))
    return Case(f"transpose {shape} by {order}", CopyS8((copy,), out), (random_s8(rng, shape),))


def concat(rng: Random, shapes: list[Shape], axis: int) -> Case:
    total = sum(shape[axis] for shape in shapes)
    out = tuple(total if k == axis else size for k, size in enumerate(shapes[0]))
    copies, at = [], 0
    for shape in shapes:
        copies.append(Copy(shape, contiguous(shape), contiguous(out), 0, at * contiguous(out)[axis]))
        at += shape[axis]
    return Case(f"concat {shapes} along {axis}", CopyS8(tuple(copies), out), tuple(random_s8(rng, s) for s in shapes))


def pad(rng: Random, shape: Shape, before: Shape, after: Shape, fill: int) -> Case:
    out = tuple(b + size + a for b, size, a in zip(before, shape, after, strict=True))
    strides = contiguous(out)
    copy = Copy(shape, contiguous(shape), strides, 0, sum(b * s for b, s in zip(before, strides, strict=True)))
    return Case(
        f"pad {shape} by {before} and {after} with {fill}", CopyS8((copy,), out, fill), (random_s8(rng, shape),)
    )


def one_copy(rng: Random, why: str, shape: Shape, copy: Copy) -> Case:
    x = random_s8(rng, shape)
    return Case(why, CopyS8((copy,), copy.dims), (x,))


def copy_table(seed: int = 41) -> list[Case]:
    rng = np.random.default_rng(seed)
    d2s = Copy((1, 3, 2, 4, 2, 5), (0, 80, 10, 20, 5, 1), contiguous((1, 3, 2, 4, 2, 5)))
    return [
        transpose(rng, (3, 5, 7), (2, 0, 1)),
        transpose(rng, (2, 3, 4, 5), (0, 3, 1, 2)),
        transpose(rng, (2, 3, 2, 3, 2, 3), (5, 3, 1, 4, 2, 0)),
        concat(rng, [(1, 3, 4, 5), (1, 3, 4, 2), (1, 3, 4, 1)], 3),
        concat(rng, [(1, 3, 4, 5), (1, 2, 4, 5)], 1),
        pad(rng, (1, 4, 5, 3), (0, 1, 2, 0), (0, 3, 1, 0), -128),
        pad(rng, (7,), (3,), (0,), 127),
        one_copy(rng, "slice with steps", (9, 11), Copy((3, 4), (33, 2), (4, 1), 12)),
        one_copy(rng, "reversed", (7,), Copy((7,), (-1,), (1,), 6)),
        one_copy(rng, "expand", (5,), Copy((3, 5, 2), (0, 1, 0), (10, 2, 1))),
        one_copy(rng, "depth to space", (1, 3, 4, 20), d2s),
        one_copy(rng, "a single element", (4,), Copy((1,), (1,), (1,), 2)),
    ]


def gather_table(seed: int = 42) -> list[Case]:
    rng = np.random.default_rng(seed)
    cases = []
    for outer, n, inner, count in ((3, 7, 5, 4), (1, 300, 1, 11), (2, 1, 16, 3), (4, 5, 1, 5)):
        indices = rng.integers(0, n, count).astype(np.uint16)
        indices[0], indices[-1] = n - 1, 0
        contract = GatherS8(indices, outer, n, inner, (outer, count, inner))
        cases.append(Case(f"gather {count} of {n}", contract, (random_s8(rng, (outer, n, inner)),)))
    return cases


def axis_table(size: int, out: int) -> tuple[np.ndarray, np.ndarray]:
    """Index and weight of each output position, half-pixel centres, clamped to the edges."""
    at = np.clip((np.arange(out) + 0.5) * size / out - 0.5, 0, size - 1)
    index = np.floor(at).astype(np.uint16)
    weight = np.rint((at - index) * 2048).astype(np.uint16)
    return index, np.where(index == size - 1, 0, weight).astype(np.uint16)


def resize_table(seed: int = 43) -> list[Case]:
    rng = np.random.default_rng(seed)
    cases = []
    for in_shape, out in (((4, 5, 3), (8, 10)), ((7, 6, 5), (3, 13)), ((1, 1, 4), (3, 2)), ((6, 6, 1), (6, 6))):
        rows, cols = axis_table(in_shape[0], out[0]), axis_table(in_shape[1], out[1])
        contract = ResizeLinearS8(*rows, *cols, in_shape, (*out, in_shape[2]))
        cases.append(Case(f"resize {in_shape} to {out}", contract, (random_s8(rng, (1, *in_shape)),)))
    ends = np.where(np.arange(math.prod((4, 5, 3))) % 2, 127, -128).astype(np.int8).reshape(1, 4, 5, 3)
    return [*cases, Case("resize of the extremes", cases[0].contract, (ends,))]
