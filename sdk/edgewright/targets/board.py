"""A board: where its memory lies, how to talk to it and what emulates it."""

from dataclasses import dataclass
from pathlib import Path

from edgewright.errors import UsageError
from edgewright.paths import data_folder
from edgewright.targets import folders
from edgewright.targets.arch import Runs, load_arch
from edgewright.targets.cpu import cpu_names, load_cpu
from edgewright.targets.flashing import Flashing
from edgewright.targets.strict import load_record

NO_PIN = -1
IN_FLASH = -1
#: Slots that the linker template keeps at the top of RAM for what survives a reset.
RETAINED_BYTES = 16


@dataclass(frozen=True)
class Region:
    """`bytes` of memory from address `base`."""

    base: int
    bytes: int

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.base + self.bytes


@dataclass(frozen=True)
class Uart:
    """The serial port that the runner answers on.

    driver: `targets/support/uart_<driver>.c`. base: address of its registers. irq: number of its receive
    interrupt, counted from 0 behind the system exceptions. clock_hz: what its baud divider divides.
    tx_pin, rx_pin: where the driver has to route it, else `NO_PIN`.
    """

    driver: str
    base: int
    irq: int
    clock_hz: int
    baud: int = 115_200
    tx_pin: int = NO_PIN
    rx_pin: int = NO_PIN

    @property
    def source(self) -> Path:
        """The file of its driver."""
        return data_folder("targets") / "support" / f"uart_{self.driver}.c"

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        found = []
        if not self.source.is_file():
            found.append(f"uart driver '{self.driver}' has no targets/support/uart_{self.driver}.c")
        if self.irq < 0:
            found.append(f"uart irq {self.irq} is negative")
        if self.clock_hz < 16 * self.baud:
            found.append(f"uart clock_hz {self.clock_hz} must be at least 16 times its baud rate {self.baud}")
        return found


@dataclass(frozen=True)
class FlashTiming:
    """How a core waits for its flash, for the cycle model; a line that the cache holds is read without waiting.

    wait_states: extra cycles of a read from flash at the clock of the board. line_bytes: what one wait brings.
    code_lines, data_lines: how many are kept of instructions and of data; no data_lines: both share those of code.
    ways: lines among which an address may lie, 0 for all. prefetch: the line behind the one that is executed is
    always there in time. Where a board says no more than its wait states, the flash reads ahead and keeps the last
    64 bits of either kind.
    """

    wait_states: int = 0
    line_bytes: int = 8
    code_lines: int = 1
    data_lines: int = 1
    ways: int = 0
    prefetch: bool = True

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        found = []
        if self.wait_states < 0:
            found.append(f"flash_timing wait_states {self.wait_states} is negative")
        if self.line_bytes < 4 or self.line_bytes & (self.line_bytes - 1):
            found.append(f"flash_timing line_bytes {self.line_bytes} must be a power of two, at least 4")
        if self.code_lines < 1 or self.data_lines < 0 or self.ways < 0:
            found.append("flash_timing needs code_lines of 1 or more; data_lines and ways cannot be negative")
        elif self.ways and (self.code_lines % self.ways or self.data_lines % self.ways):
            found.append(f"flash_timing code_lines and data_lines must be multiples of its {self.ways} ways")
        return found


@dataclass(frozen=True)
class Board:
    """One file of `targets/boards`.

    name: file name without suffix. summary: one line for people. cpu: the CPU whose code it runs.
    clock_hz: core clock. flash, ram: memory to link into. stack_bytes: kept at the bottom of `ram`, so that
    an overflow leaves the memory and faults. uart: None for a board that nothing validates on; its programs are still
    linked and measured. flash_timing: for the cycle model. vectors_base: where reset looks for the vectors, `IN_FLASH`
    when that is the start of `flash`. emulator_machine: QEMU machine, or "" for none. init: C file beside this one with
    `void ew_board_init(void)`, which is called once before `main`, with data and bss in place.
    flashing: how programs get there. file: where this was read.
    """

    name: str
    summary: str
    cpu: str
    clock_hz: int
    stack_bytes: int
    flash: Region
    ram: Region
    uart: Uart | None = None
    flash_timing: FlashTiming = FlashTiming()
    vectors_base: int = IN_FLASH
    emulator_machine: str = ""
    init: str = ""
    flashing: Flashing | None = None
    file: Path = Path()

    @property
    def init_source(self) -> Path | None:
        """The file that `init` names."""
        return self.file.parent / self.init if self.init else None

    @property
    def why_no_runner(self) -> str:
        """What it lacks for answering on a line, "" when it lacks nothing."""
        return "" if self.uart else f"{self.name}: no uart, so no runner; describe one in its file to validate on it"

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        found = self.flash_timing.problems() + (self.uart.problems() if self.uart else [])
        found += self.flashing.problems() if self.flashing else []
        if self.cpu not in cpu_names():
            found.append(f"cpu '{self.cpu}' is none of {', '.join(cpu_names())}")
        else:
            found += self._problems_of_cpu()
        if self.flash.base < self.ram.end and self.ram.base < self.flash.end:
            found.append("flash and ram overlap")
        if self.stack_bytes % 8 or not 512 <= self.stack_bytes <= self.ram.bytes - RETAINED_BYTES:
            found.append(f"stack_bytes {self.stack_bytes} must be a multiple of 8, at least 512, and inside ram")
        if self.vectors_base < IN_FLASH:
            found.append(f"vectors_base {self.vectors_base} is negative; leave it out when they lie in flash")
        if self.clock_hz <= 0:
            found.append(f"clock_hz {self.clock_hz} must be positive")
        if self.init and (Path(self.init).name != self.init or not (self.file.parent / self.init).is_file()):
            found.append(f"init '{self.init}' is no file beside {self.file.name}")
        return found

    def _problems_of_cpu(self) -> list[str]:
        try:
            arch = load_arch(load_cpu(self.cpu).arch)
        except UsageError as error:
            return [f"cpu '{self.cpu}': {error}"]
        if arch.runs is Runs.BOARD:
            return []
        bare = [name for name in folders.names("archs") if load_arch(name).runs is Runs.BOARD]
        return [f"cpu '{self.cpu}' is not a {' or '.join(bare)}; only those have a board file"]


def board_names() -> list[str]:
    """Names of all boards, sorted."""
    return folders.names("boards")


def load_board(name: str) -> Board:
    """The board called `name`.

    Raises:
        UsageError: there is none, or its file breaks a rule.
    """
    return load_record(Board, folders.find_file("boards", name))
