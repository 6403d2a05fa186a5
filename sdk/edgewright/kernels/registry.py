"""Finds every kernel by importing the modules of this package."""

import importlib
import inspect
import pkgutil
from collections.abc import Mapping, Sequence
from functools import cache

from edgewright.cgen import Array, Fields
from edgewright.contracts import Contract
from edgewright.kernels.base import Kernel


@cache
def all_kernels() -> tuple[Kernel, ...]:
    """One instance of every concrete kernel, ordered by symbol."""
    package = importlib.import_module("edgewright.kernels")
    found: dict[str, Kernel] = {}
    for info in pkgutil.walk_packages(package.__path__, "edgewright.kernels."):
        for _, member in inspect.getmembers(importlib.import_module(info.name), inspect.isclass):
            if issubclass(member, Kernel) and hasattr(member, "contract") and not inspect.isabstract(member):
                found[f"{member.symbol} {member.contract.__name__}"] = member()
    return tuple(found[key] for key in sorted(found))


#: What a byte may cost for one goal, in instructions per inference: of flash for weights, of scratch memory.
PRICES = {"time": (8.0, 0.0), "balanced": (40.0, 2.0), "flash": (1000.0, 2.0), "ram": (40.0, 128.0)}
#: What GCC is told when it compiles kernels, by goal.
OPTIMIZE = {"time": "-O2", "balanced": "-O2", "ram": "-O2", "flash": "-Os"}


def candidates(contract: Contract, isas: Sequence[str], goal: str = "balanced") -> list[Kernel]:
    """The kernels that can run `contract`, best first: by the order of `isas`, then by price.

    The price is the estimated instructions plus what the packed constants and the scratch memory cost under `goal`
    ("time", "ram", "flash" or "balanced").
    """
    fitting = [
        kernel
        for kernel in all_kernels()
        if isinstance(contract, kernel.contract) and kernel.isa in isas and kernel.refusal(contract) is None
    ]
    ranks = {kernel: list(isas).index(kernel.isa) for kernel in fitting}
    best = min(ranks.values(), default=0)
    rivals = [kernel for kernel in fitting if ranks[kernel] == best]
    if len(rivals) > 1:
        rivals.sort(key=lambda kernel: price(kernel, contract, goal))
    return rivals + sorted((k for k in fitting if ranks[k] != best), key=lambda k: (ranks[k], k.cost(contract)))


def price(kernel: Kernel, contract: Contract, goal: str) -> float:
    """Instructions, with the bytes that they take converted at the goal's rates."""
    per_flash, per_scratch = PRICES[goal]
    packed = sum(_array_bytes(call.fields) for call in kernel.calls(contract))
    return kernel.cost(contract) + per_flash * packed + per_scratch * kernel.scratch_bytes(contract)


def _array_bytes(fields: Fields) -> int:
    """Bytes of the constant arrays that a parameter struct points to."""
    total = 0
    for value in fields.values():
        if isinstance(value, Array):
            total += value.data.nbytes
        elif isinstance(value, Mapping):
            total += _array_bytes(value)
    return total
