"""The serial port of a board."""

from dataclasses import dataclass
from pathlib import Path

from edgewright.paths import data_folder
from edgewright.targets.pins import Pins

#: The number of a pin for UARTs that are not routed: what drivers write for "not connected".
NOT_CONNECTED = 0xFFFF_FFFF
_PREFIX = "uart_"


@dataclass(frozen=True)
class Uart:
    """The serial port that the runner answers on.

    driver: `targets/support/uart_<driver>.c`. base: address of its registers. irq: number of its receive
    interrupt, counted from 0 behind the system exceptions. clock_hz: what its baud divider divides, once the setup of
    the board is done. name: what the manual calls it. pins: None where it is always connected. source: where this is
    written down.
    """

    driver: str
    base: int
    irq: int
    clock_hz: int
    baud: int = 115_200
    name: str = ""
    pins: Pins | None = None
    source: str = ""

    @property
    def driver_source(self) -> Path:
        """The file of its driver."""
        return _support() / f"{_PREFIX}{self.driver}.c"

    @property
    def pin_numbers(self) -> tuple[int, int]:
        """Of TX and RX, for drivers that route."""
        if self.pins is None:
            return NOT_CONNECTED, NOT_CONNECTED
        return self.pins.number(self.pins.tx), self.pins.number(self.pins.rx)

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        found = self.pins.problems() if self.pins else []
        if self.driver not in uart_drivers():
            found.append(f"uart driver '{self.driver}' is none of {', '.join(uart_drivers())}")
        if self.irq < 0:
            found.append(f"uart irq {self.irq} is negative")
        if self.baud <= 0 or self.clock_hz < 8 * self.baud:
            found.append(f"uart clock_hz {self.clock_hz} must be at least 8 times its baud rate {self.baud}")
        return found


def uart_drivers() -> list[str]:
    """Names of all drivers, sorted."""
    return sorted(path.stem.removeprefix(_PREFIX) for path in _support().glob(f"{_PREFIX}*.c"))


def _support() -> Path:
    return data_folder("targets") / "support"
