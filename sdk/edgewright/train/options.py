"""What a user may ask of a training, and what came of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from edgewright.errors import UsageError

#: Ways to vary samples.
AUGMENTATIONS = ("none", "image", "spectrogram")
#: Bits of a weight by the name that users give them.
WEIGHT_BITS = {"int8": 8, "int4": 4}
#: One sample in so many is held out of the training, and says when it was best.
HELD_OUT = 8


@dataclass(frozen=True)
class DistillOptions:
    """How a student learns from its teacher; the same words are the options of `edgewright distill`.

    epochs: passes over the data. lr: the largest learning rate, relative to the root mean square of each tensor; it
    falls to 0 on a cosine. temperature: divides the logits of classifiers. seed: of everything random. batch: samples
    of a step. patience: epochs without progress on the held-out part after which it ends; None for all of them.
    augment: one of AUGMENTATIONS. mixup: alpha of the Beta distribution by which pairs of samples are mixed; 0 for not.
    hints: weight of the differences of inner values that have one name in both. labels: share of the loss that the
    labels of the data make up, 0 to 1. batch_norm: put batch normalization behind every layer but the last
    ones, and fold it again. weights: train the arithmetic of the integer kernels with weights of one of WEIGHT_BITS;
    None for float. threads: of PyTorch.
    """

    epochs: int = 30
    lr: float = 0.003
    temperature: float = 2.0
    seed: int = 0
    batch: int = 64
    patience: int | None = None
    augment: str = "none"
    mixup: float = 0.0
    hints: float = 0.0
    labels: float = 0.0
    batch_norm: bool = False
    weights: str | None = None
    threads: int = 1

    def __post_init__(self) -> None:
        for name in ("epochs", "batch", "threads", "patience"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise UsageError(f"--{name} {value}: must be 1 or more")
        for name in ("lr", "temperature"):
            if not 0 < getattr(self, name) < math.inf:
                raise UsageError(f"--{name} {getattr(self, name):g}: must be greater than 0")
        for name in ("mixup", "hints"):
            if not 0 <= getattr(self, name) < math.inf:
                raise UsageError(f"--{name} {getattr(self, name):g}: must be 0 or more")
        if not 0 <= self.labels <= 1:
            raise UsageError(f"--labels {self.labels:g}: is a share of the loss, between 0 and 1")
        if self.seed < 0:
            raise UsageError(f"--seed {self.seed}: must be 0 or more")
        if self.augment not in AUGMENTATIONS:
            raise UsageError(f"--augment {self.augment}: must be one of {', '.join(AUGMENTATIONS)}")
        if self.weights is not None and self.weights not in WEIGHT_BITS:
            raise UsageError(f"--weights {self.weights}: must be one of {', '.join(WEIGHT_BITS)}")
        if self.weights is not None and self.batch_norm:
            raise UsageError("--batch-norm and --weights: give one of them; integers have their normalization folded")


@dataclass(frozen=True)
class Epoch:
    """One pass over the data. loss: mean over its steps, None before the first one. held_out: on the held-out part."""

    loss: float | None
    held_out: float


@dataclass(frozen=True)
class Training:
    """What a training did. samples: learned from; held_out: that told when it was best. epochs: the start, then each.

    best: index of the epoch whose weights were kept, never that of the start.
    """

    samples: int
    held_out: int
    best: int
    epochs: tuple[Epoch, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain dicts, lists and numbers."""
        return {
            "samples": self.samples,
            "held_out": self.held_out,
            "best_epoch": self.best,
            "epochs": [{"loss": epoch.loss, "held_out": epoch.held_out} for epoch in self.epochs],
        }
