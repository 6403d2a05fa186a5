"""Random graphs as C: the self-test of each passes, under both sanitizers, in an arena of exactly its size."""

import contextlib
from pathlib import Path

import numpy as np
import pytest

from edgewright.errors import UnsupportedError
from edgewright.kernels import Goal
from edgewright.plan import Plan, make_plan
from tests.harness.graph_strategies import STEPS, build_graph, quantized
from tests.harness.selftests import HOST, selftests

GOALS = (Goal.BALANCED, Goal.RAM, Goal.TIME)
GRAPHS = 16


def plans(isas: tuple[str, ...], first_seed: int) -> dict[str, Plan]:
    """Plans of random graphs by name, for every goal in turn."""
    found: dict[str, Plan] = {}
    seed = first_seed
    while len(found) < GRAPHS:
        rng = np.random.default_rng(seed)
        kinds = [str(kind) for kind in rng.choice(sorted(STEPS), rng.integers(4, 14))]
        with contextlib.suppress(UnsupportedError):  # nothing but reshapes
            found[f"g{seed}"] = make_plan(quantized(build_graph(kinds, seed)), isas, GOALS[seed % len(GOALS)])
        seed += 1
    return found


@pytest.mark.parametrize("isas", [("c",), HOST.isas], ids=lambda isas: isas[0])
def test_selftests_pass(isas: tuple[str, ...], tmp_path: Path) -> None:
    made = plans(isas, first_seed=1000 if isas == ("c",) else 2000)
    options = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", *(HOST.flags if isas != ("c",) else ())]
    assert selftests(made, options, tmp_path) == (0, "")
