"""A board: where its memory lies, how to talk to it and what emulates it."""

from dataclasses import dataclass
from pathlib import Path

from edgewright.errors import UsageError
from edgewright.paths import data_folder
from edgewright.targets import folders
from edgewright.targets.arch import Runs, load_arch
from edgewright.targets.cpu import cpu_names, load_cpu
from edgewright.targets.flashing import ChipId, Flashing
from edgewright.targets.memory import NOWHERE, Holds, Memory, Region
from edgewright.targets.pins import Pins
from edgewright.targets.startup import Step
from edgewright.targets.strict import load_record
from edgewright.targets.uart import Uart

IN_FLASH = -1
#: Slots that the linker template keeps at the top of RAM for what survives a reset.
RETAINED_BYTES = 16


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
class Chip:
    """The part on a board. The word at id_address, under id_mask, is id_value; id_mask 0: it cannot be asked."""

    name: str
    id_address: int = 0
    id_mask: int = 0
    id_value: int = 0
    source: str = ""

    @property
    def id(self) -> ChipId | None:
        """The word that tells it from others; None where it cannot be asked."""
        return ChipId(self.id_address, self.id_mask, self.id_value) if self.id_mask else None

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        if self.id_value & ~self.id_mask:
            return [f"chip id_value {self.id_value:#x} has bits that id_mask {self.id_mask:#x} leaves out"]
        return []


@dataclass(frozen=True)
class Clock:
    """Where the clock of a board comes from.

    reset_hz: of the core after a reset, before setup. max_hz: the fastest that the chip allows, 0 where nobody says.
    source: which oscillator, and where that is written down.
    """

    reset_hz: int
    max_hz: int = 0
    source: str = ""


@dataclass(frozen=True)
class Board:
    """One file of `targets/boards`.

    name: file name without suffix. summary: one line for people. cpu: the CPU whose code it runs.
    clock_hz: core clock while a model runs. source: the manuals that the file cites.
    file: where this was read.

    Under Linux: memory_bytes, the RAM of the machine, and nothing else. On a bare board:
    flash, ram: memory to link into. stack_bytes: kept at the bottom of the memory that holds the stack, so that
    an overflow leaves the memory and faults. memory: further memories. clock: where clock_hz comes from.
    chip: how to recognise it. uart: None for a board that nothing validates on; its programs are still
    linked and measured. setup: registers to write before the UART is used. systick_cycles: cycles are counted by
    SysTick, as the core has no cycle counter. flash_timing: for the cycle model. vectors_base: where reset looks for
    the vectors, `IN_FLASH` when that is the start of `flash`. boot: files of `targets/support` that the chip's boot
    ROM wants in the flash. emulator_machine: QEMU machine, or "" for none; emulator_since: the QEMU that brought it,
    where 7.2 has not; other_emulator: what our tests run it on instead. init: C file beside this one with
    `void ew_board_init(void)`, which is called once before `main`, with data and bss in place. flashing: with which
    tools programs get there.
    """

    name: str
    summary: str
    cpu: str
    clock_hz: int
    stack_bytes: int = 0
    flash: Region = NOWHERE
    ram: Region = NOWHERE
    memory: tuple[Memory, ...] = ()
    memory_bytes: int = 0
    clock: Clock | None = None
    chip: Chip | None = None
    uart: Uart | None = None
    setup: tuple[Step, ...] = ()
    systick_cycles: bool = False
    flash_timing: FlashTiming = FlashTiming()
    vectors_base: int = IN_FLASH
    boot: tuple[str, ...] = ()
    emulator_machine: str = ""
    emulator_since: str = ""
    other_emulator: str = ""
    init: str = ""
    flashing: Flashing | None = None
    source: str = ""
    file: Path = Path()

    @property
    def init_source(self) -> Path | None:
        """The file that `init` names."""
        return self.file.parent / self.init if self.init else None

    @property
    def boot_sources(self) -> tuple[Path, ...]:
        """The files that `boot` names."""
        return tuple(data_folder("targets") / "support" / name for name in self.boot)

    @property
    def why_no_runner(self) -> str:
        """What it lacks for answering on a line, "" when it lacks nothing."""
        return "" if self.uart else f"{self.name}: no uart, so no runner; describe one in its file to validate on it"

    @property
    def steps(self) -> tuple[Step, ...]:
        """All that is written before the UART is used, in order."""
        pins = self.uart.pins if self.uart else None
        return (*self.setup, *(pins.steps() if pins else ()))

    @property
    def stack_memory(self) -> Region:
        """The memory at whose bottom the stack lies."""
        return next((memory for memory in self.memory if Holds.STACK in memory.holds), self.ram)

    @property
    def weights_memory(self) -> Region:
        """The memory of the model's constants."""
        return next((memory for memory in self.memory if Holds.WEIGHTS in memory.holds), self.flash)

    def room(self, region: Region) -> int:
        """Bytes of `region` beside the stack and what survives a reset."""
        kept = self.stack_bytes if region == self.stack_memory else 0
        return region.bytes - kept - (RETAINED_BYTES if region == self.ram else 0)

    def arena_memory(self, arena_bytes: int) -> Region:
        """The first memory for arenas that has room; `ram` when none has."""
        offered = (memory for memory in self.memory if Holds.ARENA in memory.holds)
        return next((memory for memory in offered if arena_bytes <= self.room(memory)), self.ram)

    @property
    def ram_bytes(self) -> int:
        """All memory that a program can write to and that holds something; of a Linux machine, all its memory."""
        used = [memory.bytes for memory in self.memory if memory.holds and Holds.WEIGHTS not in memory.holds]
        return self.memory_bytes or self.ram.bytes + sum(used)

    @property
    def arena_room_bytes(self) -> int:
        """The largest arena that any of its memories takes; of a Linux machine, all its memory."""
        if self.memory_bytes:
            return self.memory_bytes
        offered = [memory for memory in self.memory if Holds.ARENA in memory.holds]
        return max(self.room(memory) for memory in (*offered, self.ram))

    def unsourced(self) -> list[str]:
        """Names of the facts that do not say where they are written down."""
        pins = self.uart.pins if self.uart else None
        facts: list[tuple[str, Region | Clock | Chip | Uart | Pins | Step | Board | None]]
        facts = [("flash", self.flash), ("ram", self.ram)] if self.flash.bytes else [("the board", self)]
        facts += [(memory.name, memory) for memory in self.memory]
        facts += [("clock", self.clock), ("chip", self.chip), ("uart", self.uart), ("pins", pins)]
        facts += [(f"setup of register {step.register:#x}", step) for step in self.setup]
        return [name for name, fact in facts if fact is not None and not fact.source]

    def problems(self) -> list[str]:
        """Rules that the record breaks, as text; empty when it is sound."""
        parts = (self.flash_timing, self.uart, self.chip, *self.memory, *self.setup)
        found = [problem for part in parts if part for problem in part.problems()]
        found += self.flashing.problems(self.chip.id if self.chip else None) if self.flashing else []
        if self.clock_hz <= 0:
            found.append(f"clock_hz {self.clock_hz} must be positive")
        if self.cpu not in cpu_names():
            return [*found, f"cpu '{self.cpu}' is none of {', '.join(cpu_names())}"]
        try:
            runs = load_arch(load_cpu(self.cpu).arch).runs
        except UsageError as error:
            return [*found, f"cpu '{self.cpu}': {error}"]
        if runs is Runs.BOARD:
            return found + self._problems_of_memory() + self._problems_of_clock() + self._problems_of_files()
        return found + self._problems_of_a_machine(runs)

    def _problems_of_memory(self) -> list[str]:
        if not (self.flash.bytes and self.ram.bytes and self.stack_bytes):
            return [f"a {self.cpu} needs flash, ram and stack_bytes"]
        found = []
        named = [("flash", self.flash), ("ram", self.ram), *((memory.name, memory) for memory in self.memory)]
        found += [problem for name, region in named for problem in region.problems_as(name)]
        for at, (name, region) in enumerate(named):
            found += [f"{name} and {other} overlap" for other, it in named[at + 1 :] if region.overlaps(it)]
            if name and name in [other for other, _ in named[at + 1 :]]:
                found.append(f"two memories are called '{name}'")
        for one in (Holds.STACK, Holds.WEIGHTS):
            if sum(one in memory.holds for memory in self.memory) > 1:
                found.append(f"two memories hold the {one.value}")
        kept = RETAINED_BYTES if self.stack_memory == self.ram else 0
        if self.stack_bytes % 8 or not 512 <= self.stack_bytes <= self.stack_memory.bytes - kept:
            found.append(f"stack_bytes {self.stack_bytes} must be a multiple of 8, at least 512, and inside its memory")
        if self.vectors_base < IN_FLASH:
            found.append(f"vectors_base {self.vectors_base} is negative; leave it out when they lie in flash")
        if self.memory_bytes:
            found.append(f"memory_bytes is for Linux machines; {self.cpu} has flash and ram")
        return found

    def _problems_of_clock(self) -> list[str]:
        if self.clock is None:
            return []
        if self.clock.reset_hz <= 0 or 0 < self.clock.max_hz < max(self.clock_hz, self.clock.reset_hz):
            limits = f"clock reset_hz {self.clock.reset_hz} and max_hz {self.clock.max_hz}"
            return [f"{limits} do not go with clock_hz {self.clock_hz}"]
        if self.setup or self.init or self.clock.reset_hz == self.clock_hz:
            return []
        text = f"clock_hz {self.clock_hz}, and {self.clock.reset_hz} after a reset: nothing changes it"
        return [f"{text}; give setup steps or init, or clock_hz = {self.clock.reset_hz}"]

    def _problems_of_files(self) -> list[str]:
        found = []
        if self.init and (Path(self.init).name != self.init or not (self.file.parent / self.init).is_file()):
            found.append(f"init '{self.init}' is no file beside {self.file.name}")
        for name, path in zip(self.boot, self.boot_sources, strict=True):
            if Path(name).name != name or not path.is_file():
                found.append(f"boot '{name}' is no file of {path.parent}")
        return found

    def _problems_of_a_machine(self, runs: Runs) -> list[str]:
        if runs is not Runs.PROCESS:
            bare = [name for name in folders.names("archs") if load_arch(name).runs is Runs.BOARD]
            return [f"cpu '{self.cpu}' is not a {' or '.join(bare)}, and runs no Linux; only those have a board file"]
        found = [] if self.memory_bytes > 0 else [f"a {self.cpu} runs Linux: it needs memory_bytes"]
        default = Board(self.name, self.summary, self.cpu, self.clock_hz)
        for key in ("flash", "ram", "stack_bytes", "memory", "uart", "setup", "boot", "init", "emulator_machine"):
            if getattr(self, key) != getattr(default, key):
                found.append(f"{key} is for bare boards; a {self.cpu} runs Linux")
        return found


def board_names() -> list[str]:
    """Names of all boards, sorted."""
    return folders.names("boards")


def load_board(name: str) -> Board:
    """The board called `name`.

    Raises:
        UsageError: there is none, or its file breaks a rule.
    """
    return load_record(Board, folders.find_file("boards", name))
