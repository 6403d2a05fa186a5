"""What a body costs under a goal: instructions, with flash and memory converted at the goal's rates."""

from collections.abc import Mapping

from edgewright.cgen import Array, Fields
from edgewright.contracts import Contract
from edgewright.kernels.base import AnyKernel

#: What a byte may cost for one goal, in instructions per inference: of flash for weights, of scratch memory.
PRICES = {"time": (8.0, 0.0), "balanced": (40.0, 2.0), "flash": (1000.0, 2.0), "ram": (40.0, 128.0)}
#: What GCC is told when it compiles kernels, by goal.
OPTIMIZE = {"time": "-O2", "balanced": "-O2", "ram": "-O2", "flash": "-Os"}


def price(kernel: AnyKernel, contract: Contract, goal: str) -> float:
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
