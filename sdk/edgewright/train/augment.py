"""Samples varied at random, so that few of them teach as much as more."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from edgewright.errors import UsageError
from edgewright.ir import Graph, Value
from edgewright.ops import Op

#: How far a sample is moved at most, as a share of the axis.
SHIFT = 1 / 8
Augmentation = Callable[[Tensor, np.random.Generator], Tensor]


def augmentation(name: str, graph: Graph[Op]) -> Augmentation | None:
    """The augmentation called so, for the only input of a graph; None for "none".

    Raises:
        UsageError: the inputs of the graph are none that it varies.
    """
    if name == "none":
        return None
    value, *others = graph.inputs
    wanted = {"image": "[1, channels, height, width]", "spectrogram": "[1, channels, time, ...]"}[name]
    fits = len(value.shape) == 4 and value.shape[2] > 1 and (name == "spectrogram" or value.shape[3] > 1)
    if others or not fits:
        raise UsageError(f"--augment {name}: varies one input of {wanted}; the model takes {_shapes(graph.inputs)}")
    return {"image": vary_images, "spectrogram": vary_spectrograms}[name]


def vary_images(x: Tensor, rng: np.random.Generator) -> Tensor:
    """x [n, c, h, w]: about half of the images mirrored, each moved by up to SHIFT, its edges reflected."""
    mirrored = torch.as_tensor(rng.random(len(x)) < 0.5).view(-1, 1, 1, 1)
    x = torch.where(mirrored, x.flip(3), x)
    return _moved(_moved(x, 2, rng), 3, rng)


def vary_spectrograms(x: Tensor, rng: np.random.Generator) -> Tensor:
    """x [n, c, time, ...]: each moved in time by up to SHIFT."""
    return _moved(x, 2, rng)


def mixed(x: Tensor, share: float, partner: np.ndarray) -> Tensor:
    """`share` of each sample and the rest of its partner [n].

    Source: H. Zhang and others, "mixup: Beyond Empirical Risk Minimization", ICLR 2018, equation 1.
    """
    return share * x + (1 - share) * x[torch.as_tensor(partner)]


def _moved(x: Tensor, axis: int, rng: np.random.Generator) -> Tensor:
    """Every sample moved along a spatial axis of x [n, c, h, w] by its own distance."""
    size = x.shape[axis]
    most = max(1, min(round(size * SHIFT), size - 1))
    start = torch.as_tensor(rng.integers(0, 2 * most + 1, len(x)))
    sides = (0, 0, most, most) if axis == 2 else (most, most, 0, 0)
    wide = functional.pad(x, sides, mode="reflect")
    at = start[:, None] + torch.arange(size)
    at = at[:, None, :, None] if axis == 2 else at[:, None, None, :]
    return wide.gather(axis, at.expand_as(x))


def _shapes(values: list[Value]) -> str:
    return " and ".join(f"'{value.name}' {list(value.shape)}" for value in values)
