"""The serial port of a board."""

from dataclasses import dataclass
from pathlib import Path

from edgewright.paths import data_folder
from edgewright.targets.pins import Pins

#: The number of a pin for UARTs that are not routed: what drivers write for "not connected".
NOT_CONNECTED = 0xFFFF_FFFF
#: How far a baud rate may be off. Two ends that sample in the middle of a bit bear 4 to 5 % together.
MOST_OFF = 0.02
#: Interrupts of an NVIC, counted from 0. Source: Arm v8-M Architecture Reference Manual, B11: up to 480.
MOST_IRQ = 479
_PREFIX = "uart_"
#: The least step of a driver's divider, clock / baud = 1; None: its baud rates are no division.
_STEPS = {"stm32_lpuart": 1 / 256, "pl011": 1 / 4, "nrf": None, "nrf_dma": None}


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

    @property
    def actual_baud(self) -> int:
        """What the driver's divider makes of `clock_hz`, nearest to `baud`."""
        step = _STEPS.get(self.driver, 1.0)
        return self.baud if step is None else round(self.clock_hz / (step * round(self.clock_hz / self.baud / step)))

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        found = self.pins.problems() if self.pins else []
        if self.driver not in uart_drivers():
            found.append(f"uart driver '{self.driver}' is none of {', '.join(uart_drivers())}")
        if not 0 <= self.irq <= MOST_IRQ:
            found.append(f"uart irq {self.irq} must be between 0 and {MOST_IRQ}")
        if self.baud <= 0 or self.clock_hz < 8 * self.baud:
            found.append(f"uart clock_hz {self.clock_hz} must be at least 8 times its baud rate {self.baud}")
        elif abs(self.actual_baud / self.baud - 1) > MOST_OFF:
            given = f"baud {self.baud} from clock_hz {self.clock_hz} is {self.actual_baud}"
            found.append(f"uart {given}, more than {MOST_OFF:.0%} off; take another baud rate or clock")
        return found


def uart_drivers() -> list[str]:
    """Names of all drivers, sorted."""
    return sorted(path.stem.removeprefix(_PREFIX) for path in _support().glob(f"{_PREFIX}*.c"))


def _support() -> Path:
    return data_folder("targets") / "support"
