"""The passes look at a node a bounded number of times, however long the model is."""

from __future__ import annotations

import cProfile
import pstats

import pytest

from edgewright.frontend import import_model
from edgewright.passes import SIMPLIFY, run_passes
from tests.harness.small_models import file_of, model, node, weights


def calls(length: int, operators: list[str]) -> int:
    """How many functions are called to simplify a chain of `length` nodes; the same on every machine."""
    names = ["x", *(f"v{k}" for k in range(length - 1)), "y"]
    chosen = [operators[k % len(operators)] for k in range(length)]
    nodes = [
        node(f"{operator} {a},c -> {b}" if operator in ("Add", "Mul") else f"{operator} {a} -> {b}")
        for operator, a, b in zip(chosen, names, names[1:], strict=False)
    ]
    graph = import_model(file_of(model(nodes, {"x": (1, 2, 4, 4)}, {"c": weights(1, 2, 1, 1)})))
    profile = cProfile.Profile()
    profile.runcall(run_passes, graph, SIMPLIFY)
    total: int = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]
    return total


@pytest.mark.parametrize("operators", ["Relu", "Sigmoid", "Mul", "Relu Sigmoid Add", "Sigmoid Mul"])
def test_twice_the_nodes_take_twice_the_calls(operators: str) -> None:
    once, twice = (calls(length, operators.split()) for length in (300, 600))
    assert twice < 2.3 * once
