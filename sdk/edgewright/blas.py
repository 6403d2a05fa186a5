"""How many threads NumPy multiplies on."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

P = ParamSpec("P")
R = TypeVar("R")


def on_one_thread(verb: Callable[P, R]) -> Callable[P, R]:
    """`verb` with products of matrices on one thread; when it ends, the process has as many as before.

    The matrices of layers are small: OpenBLAS spends four fifths of the processor time on waking its threads.
    """

    @functools.wraps(verb)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        with threadpool_limits(limits=1, user_api="blas"):
            return verb(*args, **kwargs)

    return limited
