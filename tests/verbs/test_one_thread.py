"""The verbs multiply small matrices: on one thread, and without changing the caller's process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from edgewright import api, demo
from edgewright.verbs import compile, inspect, prune, quantize, validate


def blas_threads() -> set[int]:
    """Threads of each BLAS that is loaded."""
    assert np.ones((2, 2)) @ np.ones((2, 2)) is not None
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.mark.parametrize(
    ("verb", "inner"),
    [
        (lambda out: api.inspect(demo.model_path()), (inspect, "load_model")),
        (lambda out: api.compile(demo.model_path(), "x86-64", None, out), (compile, "compiled")),
        (lambda out: api.quantize(demo.model_path(), out, None), (quantize, "with_scales")),
        (lambda out: api.prune(demo.model_path(), out), (prune, "simplified")),
        (lambda out: api.validate(out, "random"), (validate, "open_directory")),
    ],
    ids=["inspect", "compile", "quantize", "prune", "validate"],
)
def test_a_verb_leaves_the_threads_as_they_were(
    verb: Any, inner: tuple[Any, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def note(*args: object, **kwargs: object) -> None:
        seen.append(blas_threads())
        raise KeyError

    monkeypatch.setattr(*inner, note)
    with threadpool_limits(limits=2, user_api="blas"):
        with pytest.raises(KeyError):
            verb(tmp_path / "out")
        assert blas_threads() == {2}
    assert seen == [{1}]
