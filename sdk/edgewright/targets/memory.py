"""Memory of a board, and what of a program goes where."""

from dataclasses import dataclass
from enum import Enum


class Holds(Enum):
    """What a memory beside `flash` and `ram` may be given."""

    STACK = "stack"
    ARENA = "arena"
    WEIGHTS = "weights"


@dataclass(frozen=True)
class Region:
    """`bytes` of memory from address `base`. source: where that is written down."""

    base: int
    bytes: int
    source: str = ""

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.base + self.bytes

    def problems_as(self, name: str) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        if self.base < 0 or self.bytes < 0 or self.end > 2**32:
            return [f"{name} ends at {self.end:#x}, beyond 32 bits of address"]
        return [f"{name} base {self.base:#x} must be a multiple of 4"] if self.base % 4 else []

    def overlaps(self, other: "Region") -> bool:
        """Whether an address lies in both."""
        return self.base < other.end and other.base < self.end


#: What a machine has that says nothing about its memory.
NOWHERE = Region(0, 0)


@dataclass(frozen=True)
class Memory(Region):
    """A further memory, called `name`.

    holds: what goes there. "stack": the stack, at its bottom. "arena": the model's arena, when it has room: of
    several the first, else `ram`. "weights": the constants of the model, so it must be there before the program
    starts. Empty: nothing; the memory is only described.
    """

    name: str = ""
    holds: tuple[Holds, ...] = ()

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        found = [] if self.name else [f"memory at {self.base:#x} has no name"]
        if Holds.WEIGHTS in self.holds and len(self.holds) > 1:
            found.append(f"memory '{self.name}' holds weights, which are never written, and what is; take two")
        return found
