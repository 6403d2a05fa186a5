"""Copies of a graph to try something on, and data in the order that a graph stores them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from edgewright.contracts import Contract
from edgewright.ir import Graph, Value
from edgewright.ops import Op


def copied(graph: Graph[Op]) -> tuple[Graph[Op], dict[Value, Value]]:
    """A deep copy that shares the constants' arrays, and the map from old to new values."""
    arrays = {id(v.data): v.data for v in graph.values() if v.data is not None}
    memo: dict[int, Any] = dict(arrays)
    twin = copy.deepcopy(graph, memo)
    return twin, {v: memo[id(v)] for v in graph.values() if id(v) in memo}


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
