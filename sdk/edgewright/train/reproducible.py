"""PyTorch so that it repeats itself to the bit, and computes sums of whole numbers exactly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def exact_products() -> Iterator[None]:
    """Convolutions and products as plain sums.

    NNPACK, which some builds of PyTorch take for some batches, convolves by Winograd's transform: its sums are off by
    rounding even where every term and every partial sum is a whole number below 2^24.
    """
    with torch.backends.nnpack.flags(enabled=False):
        yield


@contextmanager
def on_threads(count: int) -> Iterator[None]:
    """PyTorch on `count` threads with deterministic algorithms; the process is left as it was."""
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(count)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])
