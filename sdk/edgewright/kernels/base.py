"""The base of every kernel description."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from edgewright.cgen import Fields
from edgewright.contracts import Contract


@dataclass(frozen=True, eq=False)
class KernelCall:
    """One call in the generated code: `symbol(&params, inputs..., y, scratch)`.

    symbol: C function. struct: C type of its parameters. fields: their values, by field name.
    inputs: which inputs of the node are passed, in this order.
    """

    symbol: str
    struct: str
    fields: Fields
    inputs: tuple[int, ...] = (0,)


class Kernel(ABC):
    """One body of a contract for one ISA.

    contract: the contract class it implements. symbol: its main C function. isa: the ISA name that a
    CPU's `isas` list mentions; "c" is portable C. sources: files to compile, relative to `runtime_c/src`; what
    they include is found by reading them.
    """

    contract: ClassVar[type[Contract]]
    symbol: ClassVar[str]
    isa: ClassVar[str] = "c"
    sources: ClassVar[tuple[str, ...]]

    def refusal(self, contract: Contract) -> str | None:
        """Why this body cannot run `contract`; None when it can."""
        return None

    @abstractmethod
    def calls(self, contract: Contract) -> list[KernelCall]:
        """The calls that compute `contract`, with packed weights."""

    def scratch_bytes(self, contract: Contract) -> int:
        """Bytes of scratch memory, 8-byte aligned, needed during the calls."""
        return 0

    def in_place(self, contract: Contract) -> tuple[int, ...]:
        """Inputs whose memory the output may take over exactly (same size, same address)."""
        return contract.in_place

    def overlap_bytes(self, contract: Contract) -> int | None:
        """How far before the input's start the output must start for the two to overlap; None: never.

        0 or more: the body reads each byte of input 0 before it writes to that address, as long as
        y + overlap_bytes <= x.
        """
        return None

    def scratch_overlap_bytes(self, contract: Contract) -> int | None:
        """How far before the input's start the scratch memory must start for the two to overlap; None: never.

        For a body that reads input 0 once, from its start, while it fills the scratch memory.
        """
        return None

    def cost(self, contract: Contract) -> float:
        """Estimated instructions, to choose between bodies of one ISA; measured figures, not promises."""
        return float(contract.macs)
