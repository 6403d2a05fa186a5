"""The base of every kernel description."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, cast, final, get_args

import numpy as np

from edgewright.cgen import Fields
from edgewright.contracts import Contract, NumberFormat

#: The contract that a kernel computes.
C = TypeVar("C", bound=Contract)


@dataclass(frozen=True, eq=False)
class KernelCall:
    """One call in the generated code: `symbol(&params, inputs..., y, scratch)`.

    symbol: C function. struct: C type of its parameters. fields: their values, by field name.
    inputs: which inputs of the node are passed, in this order. widen: the function of `c/ew_widen_w4.h` that first
    widens `w` to the start of the scratch memory, which the function's own follows; empty when `w` is as it reads it.
    """

    symbol: str
    struct: str
    fields: Fields
    inputs: tuple[int, ...] = (0,)
    widen: str = ""

    @property
    def jumps(self) -> int:
        """Calls that the counter sees."""
        return 2 if self.widen else 1


class Kernel(ABC, Generic[C]):
    """One body of a contract for one ISA: `class ConvKernel(Kernel[ConvS8])`.

    contract: the contract class between the brackets. formats: the number formats it takes. symbol: its main C
    function. isa: the ISA name behind `__` in it, which a CPU's `isas` list mentions; "c" is portable C. sources: files
    to compile, relative to `runtime_c/src`; what they include is found by reading them. lane: how `w` of its one call
    holds each weight, when nibbles may take its place in flash.
    """

    contract: ClassVar[type[Contract]]
    formats: ClassVar[tuple[NumberFormat, ...]] = (NumberFormat(),)
    symbol: ClassVar[str]
    isa: ClassVar[str]
    sources: ClassVar[tuple[str, ...]]
    lane: ClassVar[type[np.signedinteger] | None] = None

    def __init_subclass__(cls) -> None:
        for base in cls.__dict__.get("__orig_bases__", ()):
            for argument in get_args(base):
                if isinstance(argument, type) and issubclass(argument, Contract):
                    cls.contract = argument
        if "symbol" in cls.__dict__:
            cls.isa = cls.symbol.partition("__")[2] or "c"

    @property
    def headers(self) -> tuple[str, ...]:
        """What declares its functions: for portable C `ew_kernels.h`, else the header of the ISA, which includes it."""
        return ("ew_kernels.h",) if self.isa == "c" else (f"{self.isa}/ew_kernels__{self.isa}.h",)

    @final
    def refusal(self, contract: Contract) -> str | None:
        """Why this body cannot run `contract`; None when it can."""
        if not isinstance(contract, self.contract):
            return f"a {type(contract).__name__}; supported: {self.contract.__name__}"
        if contract.number_format not in self.formats:
            return f"{contract.number_format}; supported: {', '.join(map(str, self.formats))}"
        return self.limits(cast(C, contract))

    def limits(self, contract: C) -> str | None:
        """Why this body cannot run a contract of its class and of a format it takes; None when it can."""
        return None

    @abstractmethod
    def calls(self, contract: C) -> list[KernelCall]:
        """The calls that compute `contract`, with packed weights."""

    def scratch_bytes(self, contract: C) -> int:
        """Bytes of scratch memory, 8-byte aligned, needed during the calls."""
        return 0

    def in_place(self, contract: C) -> tuple[int, ...]:
        """Inputs whose memory the output may take over exactly (same size, same address)."""
        return contract.in_place

    def overlap_bytes(self, contract: C) -> int | None:
        """How far before the input's start the output must start for the two to overlap; None: never.

        0 or more: the body reads each byte of input 0 before it writes to that address, as long as
        y + overlap_bytes <= x.
        """
        return None

    def scratch_overlap_bytes(self, contract: C) -> int | None:
        """How far before the input's start the scratch memory must start for the two to overlap; None: never.

        For a body that reads input 0 once, from its start, while it fills the scratch memory.
        """
        return None

    def cost(self, contract: C) -> float:
        """Estimated instructions at -O2 on the CPU that `tools/kernel_costs` counts this ISA on, within 15 %."""
        return float(contract.macs)


#: A kernel of whatever contract: what a registry holds, whose `refusal` says which contracts it may be given.
AnyKernel: TypeAlias = Kernel[Any]
