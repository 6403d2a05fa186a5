"""Data in the order in which a graph stores them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgewright.contracts import Contract
from edgewright.ir import Graph


def quantized_inputs(integer: Graph[Contract], sample: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Float inputs in the model's axis order as int8 in the integer graph's."""
    result = []
    for value, data in zip(integer.inputs, sample, strict=True):
        assert value.quant is not None
        stored = data if value.model_perm is None else data.transpose(value.model_perm)
        result.append(value.quant.quantize(np.ascontiguousarray(stored)))
    return result


def in_model_order(data: np.ndarray, model_perm: Sequence[int] | None) -> np.ndarray:
    """A stored tensor with its axes as the model has them."""
    return data if model_perm is None else data.transpose(np.argsort(model_perm))
