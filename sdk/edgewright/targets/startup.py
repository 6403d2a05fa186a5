"""What is written into registers before a program may use its clock, pins and serial port."""

from dataclasses import dataclass

REGISTER_MAX = 0xFFFF_FFFF
#: `clear` of a step that writes without keeping anything.
ALL = REGISTER_MAX


@dataclass(frozen=True)
class Step:
    """One register: (value & ~clear) | set is written; with `wait`, its bits in `wait` are waited for instead.

    register: address, of 32 bits. wait_for: what the bits in `wait` must be; -1: all of them set. A wait that lasts
    too long ends by itself, for emulators that do not have the register. what: for people. source: where it is
    written down.
    """

    register: int
    set: int = 0
    clear: int = 0
    wait: int = 0
    wait_for: int = -1
    what: str = ""
    source: str = ""

    @property
    def awaited(self) -> int:
        """The value of the bits in `wait` that ends the waiting."""
        return self.wait if self.wait_for < 0 else self.wait_for

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        where = f"setup of register {self.register:#x}"
        found = []
        if self.register % 4 or not 0 <= self.register <= REGISTER_MAX:
            found.append(f"{where}: no address of a 32-bit register")
        if not all(0 <= value <= REGISTER_MAX for value in (self.set, self.clear, self.wait)):
            found.append(f"{where}: set, clear and wait must have 32 bits")
        if self.wait and (self.set or self.clear):
            found.append(f"{where}: either waits, or writes; make two steps")
        if not (self.wait or self.set or self.clear):
            found.append(f"{where}: does nothing; give set, clear or wait")
        if self.awaited & ~self.wait:
            found.append(f"{where}: wait_for {self.wait_for:#x} has bits that wait {self.wait:#x} leaves out")
        return found
