"""How a chip connects a serial port to its pins: one function per kind of pin controller.

Each gives the steps that route `tx` and `rx`, and the number that a UART driver calls the pin by where the UART itself
does the routing. Clock gates and resets are steps of the board.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from edgewright.targets.startup import ALL, Step

Pin = tuple[int, int]
NO_FUNCTION = -1


@dataclass(frozen=True)
class Controller:
    """A kind of pin controller.

    form: how its pins are written. pattern: the same as a regular expression with one group for the port, or none,
    and one for the number. stride: bytes from one port to the next. steps: from the base of a port, the number in it,
    the function and whether it transmits. has_function: whether a function must be given.
    """

    form: str
    pattern: str
    stride: int
    steps: Callable[[int, int, int, bool], list[Step]]
    has_function: bool = True

    def parse(self, name: str) -> Pin:
        """Port and number of the pin called `name`; ValueError when it is not of the controller's form."""
        match = re.fullmatch(self.pattern, name)
        if not match:
            raise ValueError(f"pin '{name}' is not of the form {self.form}")
        *port, number = match.groups()
        if not port:
            return 0, int(number)
        return int(port[0]) if port[0].isdigit() else ord(port[0]) - ord("A"), int(number)


def _stm32(base: int, number: int, function: int, transmits: bool) -> list[Step]:
    """MODER at 0x00 gets 2 (alternate function), AFRL or AFRH at 0x20 the function; PUPDR at 0x0C pulls RX up."""
    high, place = divmod(number, 8)
    pull = [] if transmits else [Step(base + 0x0C, 1 << 2 * number, 3 << 2 * number, what="pull RX up")]
    return [
        Step(base + 0x20 + 4 * high, function << 4 * place, 0xF << 4 * place, what="alternate function"),
        *pull,
        Step(base, 2 << 2 * number, 3 << 2 * number, what="pin has its alternate function"),
    ]


def _stm32f1(base: int, number: int, function: int, transmits: bool) -> list[Step]:
    """CRL, CRH: 0xA alternate push-pull of 2 MHz, 0x8 input with pull; ODR at 0x0C chooses the pull-up."""
    high, place = divmod(number, 8)
    mode = 0xA if transmits else 0x8
    pull = [] if transmits else [Step(base + 0x0C, set=1 << number, what="pull RX up")]
    return [*pull, Step(base + 4 * high, mode << 4 * place, 0xF << 4 * place, what="mode of the pin")]


def _nrf(base: int, number: int, function: int, transmits: bool) -> list[Step]:
    """TX idles high: OUTSET at 0x08, DIRSET at 0x18. RX: PIN_CNF at 0x200, input with pull-up."""
    if transmits:
        bit = 1 << number
        return [Step(base + 0x08, bit, ALL, what="TX idles high"), Step(base + 0x18, bit, ALL, what="TX is an output")]
    return [Step(base + 0x200 + 4 * number, 0xC, ALL, what="RX is an input, pulled up")]


def _rp2(base: int, number: int, function: int, transmits: bool) -> list[Step]:
    """IO_BANK0: CTRL of a pin at 8 n + 4. The bank of pads: input on, output on, no isolation."""
    pad = base + _RP2_PADS + 4 + 4 * number
    return [
        Step(base + 8 * number + 4, function, 0x1F, what="function of the pin"),
        Step(pad, 1 << 6, 1 << 7 | 1 << 8, what="pad: input on, output not disabled, not isolated"),
    ]


#: PADS_BANK0 - IO_BANK0: 0x4001_C000 - 0x4001_4000 on RP2040, 0x4003_8000 - 0x4002_8000 on RP2350.
_RP2_PADS = 0x8000


def _rp2350(base: int, number: int, function: int, transmits: bool) -> list[Step]:
    """As RP2040, with the pads elsewhere."""
    control, pad = _rp2(base, number, function, transmits)
    return [control, Step(pad.register + 0x8000, pad.set, pad.clear, what=pad.what)]


def _stellaris(base: int, number: int, function: int, transmits: bool) -> list[Step]:
    """GPIOAFSEL at 0x420 and GPIODEN at 0x51C."""
    bit = 1 << number
    return [
        Step(base + 0x420, set=bit, what="pin belongs to its peripheral"),
        Step(base + 0x51C, set=bit, what="pin is digital"),
    ]


CONTROLLERS = {
    "stm32": Controller("PA2", r"P([A-K])([0-9]|1[0-5])", 0x400, _stm32),
    "stm32f1": Controller("PA9", r"P([A-G])([0-9]|1[0-5])", 0x400, _stm32f1, has_function=False),
    "nrf": Controller("P0.24", r"P([01])\.(0?[0-9]|[12][0-9]|3[01])", 0x300, _nrf, has_function=False),
    "rp2040": Controller("GPIO0", r"GPIO([0-9]|[12][0-9])", 0, _rp2),
    "rp2350": Controller("GPIO0", r"GPIO([0-9]|[1-3][0-9]|4[0-7])", 0, _rp2350),
    "stellaris": Controller("PA0", r"P([A-D])([0-7])", 0x1000, _stellaris, has_function=False),
}


@dataclass(frozen=True)
class Pins:
    """Where a UART leaves the chip.

    controller: one of `CONTROLLERS`. base: address of the registers of its port A, or 0. tx, rx: the pins.
    function: what the controller calls the UART on them. source: where they are written down.
    """

    controller: str
    base: int
    tx: str
    rx: str
    function: int = NO_FUNCTION
    source: str = ""

    def steps(self) -> list[Step]:
        """What routes them."""
        kind, steps = CONTROLLERS[self.controller], []
        for name, transmits in ((self.tx, True), (self.rx, False)):
            port, number = kind.parse(name)
            for step in kind.steps(self.base + port * kind.stride, number, self.function, transmits):
                steps.append(Step(step.register, step.set, step.clear, what=f"{name}: {step.what}", source=self.source))
        return steps

    def number(self, name: str) -> int:
        """32 times the port of pin `name`, plus its place there: how UARTs that route themselves call it."""
        port, number = CONTROLLERS[self.controller].parse(name)
        return 32 * port + number

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        kind = CONTROLLERS.get(self.controller)
        if kind is None:
            return [f"pins controller '{self.controller}' is none of {', '.join(CONTROLLERS)}"]
        found = []
        for key, name in (("tx", self.tx), ("rx", self.rx)):
            try:
                kind.parse(name)
            except ValueError as error:
                found.append(f"{key} {error}")
        if self.tx == self.rx:
            found.append(f"tx and rx are both pin '{self.tx}'")
        if kind.has_function and not 0 <= self.function < 16:
            found.append(f"pins controller '{self.controller}' needs a function from 0 to 15, not {self.function}")
        if not kind.has_function and self.function != NO_FUNCTION:
            found.append(f"pins controller '{self.controller}' has no functions; leave out function {self.function}")
        return found
