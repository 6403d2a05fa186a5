"""Samples as tensors, and the part of them that is held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from edgewright.errors import UsageError
from edgewright.quantize import Samples
from edgewright.train.options import HELD_OUT


@dataclass(frozen=True, eq=False)
class Batch:
    """Any number of samples. inputs: one tensor [n, ...] per input of the model. labels: int64 [n], or None; of mixed
    samples the shares of the classes, float32 [n, classes]."""

    inputs: list[Tensor]
    labels: Tensor | None

    def __len__(self) -> int:
        return len(self.inputs[0])

    def take(self, index: np.ndarray | slice) -> Batch:
        """Some of them."""
        pick = index if isinstance(index, slice) else torch.as_tensor(index)
        return Batch([x[pick] for x in self.inputs], None if self.labels is None else self.labels[pick])


def as_batch(samples: Samples) -> Batch:
    """All samples at once, real numbers in float32, the model's own batch of 1 as the axis of samples."""
    rows = list(samples)
    inputs = [torch.tensor(np.concatenate(column)) for column in zip(*rows, strict=True)]
    labels = None if samples.labels is None else torch.tensor(samples.labels.astype(np.int64))
    return Batch(inputs, labels)


def split(batch: Batch, rng: np.random.Generator) -> tuple[Batch, Batch]:
    """What is learned from, and one sample in HELD_OUT that is not.

    Raises:
        UsageError: there are fewer than two samples.
    """
    count = len(batch)
    if count < 2:
        raise UsageError(f"data: {count} sample to learn from; at least 2 are needed, one of which is held out")
    order = rng.permutation(count)
    held_out = max(1, count // HELD_OUT)
    return batch.take(np.sort(order[held_out:])), batch.take(np.sort(order[:held_out]))
