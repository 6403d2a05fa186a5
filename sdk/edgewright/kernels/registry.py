"""Finds every kernel by importing the modules of this package."""

import importlib
import inspect
import pkgutil
from collections.abc import Sequence
from functools import cache

from edgewright.contracts import Contract
from edgewright.kernels.base import AnyKernel, Kernel
from edgewright.kernels.goal import Goal
from edgewright.kernels.price import price
from edgewright.kernels.widened import widened


@cache
def all_kernels() -> tuple[AnyKernel, ...]:
    """One instance of every concrete kernel, ordered by symbol, then those of them that weights are widened for."""
    package = importlib.import_module("edgewright.kernels")
    found: dict[str, AnyKernel] = {}
    for info in pkgutil.walk_packages(package.__path__, "edgewright.kernels."):
        for _, member in inspect.getmembers(importlib.import_module(info.name), inspect.isclass):
            if issubclass(member, Kernel) and hasattr(member, "contract") and hasattr(member, "symbol"):
                found[f"{member.symbol} {member.contract.__name__}"] = member()
    kernels = [found[key] for key in sorted(found)]
    return (*kernels, *widened(kernels))


def candidates(contract: Contract, isas: Sequence[str], goal: Goal = Goal.BALANCED) -> list[AnyKernel]:
    """The kernels that can run `contract`, best first: by the order of `isas`, then by price.

    The price is the estimated instructions plus what the packed constants and the scratch memory cost under `goal`.
    """
    fitting = [kernel for kernel in all_kernels() if kernel.isa in isas and kernel.refusal(contract) is None]
    ranks = {kernel: list(isas).index(kernel.isa) for kernel in fitting}
    best = min(ranks.values(), default=0)
    rivals = [kernel for kernel in fitting if ranks[kernel] == best]
    if len(rivals) > 1:
        rivals.sort(key=lambda kernel: price(kernel, contract, goal))
    return rivals + sorted((k for k in fitting if ranks[k] != best), key=lambda k: (ranks[k], k.cost(contract)))
