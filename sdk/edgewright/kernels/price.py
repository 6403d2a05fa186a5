"""What a body costs under a goal: instructions, with flash and memory converted at the goal's rates."""

from collections.abc import Mapping

from edgewright.cgen import Array, Fields
from edgewright.contracts import Contract
from edgewright.kernels.base import AnyKernel
from edgewright.kernels.goal import Goal

#: What a byte may cost for one goal, in instructions per inference: of flash for weights, of scratch memory.
PRICES = {Goal.TIME: (8.0, 0.0), Goal.BALANCED: (40.0, 2.0), Goal.FLASH: (1000.0, 2.0), Goal.RAM: (40.0, 128.0)}
#: What GCC is told when it compiles kernels, by goal.
OPTIMIZE = {Goal.TIME: "-O2", Goal.BALANCED: "-O2", Goal.RAM: "-O2", Goal.FLASH: "-Os"}


def price(kernel: AnyKernel, contract: Contract, goal: Goal) -> float:
    """Instructions, with the bytes that they take converted at the goal's rates."""
    per_flash, per_scratch = PRICES[goal]
    return (
        kernel.cost(contract)
        + per_flash * packed_bytes(kernel, contract)
        + per_scratch * kernel.scratch_bytes(contract)
    )


def packed_bytes(kernel: AnyKernel, contract: Contract) -> int:
    """Bytes of all constant arrays of a kernel's calls."""
    return sum(_array_bytes(call.fields) for call in kernel.calls(contract))


def _array_bytes(fields: Fields) -> int:
    """Bytes of the constant arrays that a parameter struct points to."""
    total = 0
    for value in fields.values():
        if isinstance(value, Array):
            total += value.data.nbytes
        elif isinstance(value, Mapping):
            total += _array_bytes(value)
    return total
