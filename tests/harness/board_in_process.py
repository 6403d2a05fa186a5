"""The firmware inside this process, behind a line that does to frames whatever can happen to them, in no time at all.

The C is the runner's own; its port is a coroutine (`port_in_process.c`). The clock of the line runs only while somebody
waits, so that time-outs of seconds cost nothing.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cffi

from edgewright.artifact import read_manifest
from edgewright.build.recipe import recipe
from edgewright.paths import data_folder
from edgewright.run.frame import decode
from edgewright.run.port import Port

HERE = Path(__file__).parent
RUNNER = data_folder("runtime_c") / "runner"
#: Seconds that a frame takes on the line.
FRAME_S = 0.002
_ROOM = 65536


def compile_board(directory: Path, build_id: str = "in-process") -> Path:
    """The firmware of a generated directory for this machine, as a library."""
    plan = recipe(read_manifest(directory), build_id)
    work = directory / "in-process"
    work.mkdir()
    for name, text in plan.files.items():
        (work / name).write_text(text)
    library = work / "board.so"
    objects = []
    units = [unit for unit in plan.units() if not unit.source.endswith("port_library.c")]
    sources = [(unit.source, unit.flags) for unit in units]
    sources += [(str(RUNNER / name), ()) for name in ("ew_frame.c", "ew_runner.c")]
    sources += [(str(HERE / "port_in_process.c"), ("-std=gnu99",))]
    for index, (source, flags) in enumerate(sources):
        output = f"{work}/{index}.o"
        command = [plan.compiler, *plan.flags, *flags, f"-I{work}", "-c", source, "-o", output]
        subprocess.run(command, cwd=directory, check=True)
        objects.append(output)
    link = [plan.compiler, "-shared", "-Wl,-Bsymbolic", "-o", str(library), *objects]
    subprocess.run(link, cwd=directory, check=True)
    return library


class Board:
    """One power cycle of the firmware: a private copy of its library, as the loader shares equal paths."""

    def __init__(self, library: Path) -> None:
        self._ffi = cffi.FFI()
        self._ffi.cdef("size_t board_feed(const uint8_t *bytes, size_t count, uint8_t *sent, size_t room);")
        with tempfile.TemporaryDirectory() as folder:
            self._library: Any = self._ffi.dlopen(str(shutil.copy(library, folder)))
        self._sent = self._ffi.new("uint8_t[]", _ROOM)

    def feed(self, data: bytes) -> bytes:
        """What it sends when `data` arrives."""
        count = self._library.board_feed(data, len(data), self._sent, _ROOM)
        return bytes(self._ffi.buffer(self._sent, count))

    def close(self) -> None:
        """Switch it off; may be called twice."""
        if self._library is not None:
            self._ffi.dlclose(self._library)
            self._library = None


@dataclass
class Rates:
    """Probability of each fault, per frame and direction.

    flip: one bit. drop: all of it. repeat: twice. cut: its end is missing, with the second delimiter. late: a copy
    arrives once more after up to 60 later frames. stall: it arrives after up to 4 s. noise: meaningless bytes come
    first. overrun: bytes in its middle are missing, as when a small FIFO overruns. reset: the board starts anew before.
    swap: it is exchanged for one with another model.
    """

    flip: float = 0.0
    drop: float = 0.0
    repeat: float = 0.0
    cut: float = 0.0
    late: float = 0.0
    stall: float = 0.0
    noise: float = 0.0
    overrun: float = 0.0
    reset: float = 0.0
    swap: float = 0.0


@dataclass
class FaultyBoard(Port):
    """A board at the end of a bad line. faults: how many of each kind were injected.

    other: the library of another model, for `swap`.
    """

    library: Path
    rates: Rates
    seed: int = 1
    other: Path | None = None
    where: str = "board"
    faults: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._time = 0.0
        self._late: dict[str, list[tuple[int, bytes]]] = {"out": [], "back": []}
        self._arriving: list[tuple[float, bytes]] = []
        self._open(self.library)

    def _open(self, library: Path) -> None:
        self.board = Board(library)
        self._queue(self.board.feed(b""))

    def now(self) -> float:
        return self._time

    def read(self, timeout_s: float) -> bytes:
        if self._arriving:
            at = max(self._arriving[0][0], self._time)
            if at <= self._time + timeout_s:
                self._time = at
                return self._arriving.pop(0)[1]
        self._time += max(timeout_s, 1e-4)
        return b""

    def write(self, data: bytes) -> None:
        for frame in filter(None, data.split(b"\0")):
            self._happen_to_board()
            for piece in self._bad(frame, "out"):
                self._time += FRAME_S
                self._queue(self.board.feed(piece))

    def close(self) -> None:
        self.board.close()

    def _queue(self, sent: bytes) -> None:
        """Answers on their way to the host, each with its own fate; a stalled one holds up what comes behind it."""
        for frame in filter(None, sent.split(b"\0")):
            for piece in self._bad(frame, "back"):
                delay = self._chance.uniform(0.5, 4.0) if self._happens("stall") else FRAME_S
                last = self._arriving[-1][0] if self._arriving else 0.0
                self._arriving.append((max(self._time + delay, last), piece))

    def _happen_to_board(self) -> None:
        swapped = self.other is not None and self._happens("swap")
        if swapped or self._happens("reset"):
            self.board.close()
            self._open(self.other if swapped and self.other else self.library)

    def _happens(self, kind: str) -> bool:
        happened = self._chance.random() < float(getattr(self.rates, kind))
        self.faults[kind] += happened
        return happened

    def _bad(self, frame: bytes, way: str) -> Iterator[bytes]:
        """What arrives instead of `frame`, and copies of earlier ones that are due."""
        waiting = self._late[way]
        due = [copy for wait, copy in waiting if wait == 0]
        waiting[:] = [(wait - 1, copy) for wait, copy in waiting if wait]
        yield from (b"\0" + copy + b"\0" for copy in due)
        if self._happens("late"):
            waiting.append((self._chance.randrange(60), frame))
        if self._happens("noise"):
            yield self._chance.randbytes(self._chance.randrange(1, 40))
        if self._happens("drop"):
            return
        if self._happens("flip"):
            damaged = bytearray(frame)
            damaged[self._chance.randrange(len(frame))] ^= 1 << self._chance.randrange(8)
            frame = bytes(damaged)
        if len(frame) > 4 and self._happens("overrun"):
            at = self._chance.randrange(1, len(frame) - 2)
            frame = frame[:at] + frame[at + self._chance.randrange(1, 4) :]
        if self._happens("cut"):
            yield b"\0" + frame[: self._chance.randrange(len(frame))]
            return
        yield b"\0" + frame + b"\0"
        if self._happens("repeat"):
            yield b"\0" + frame + b"\0"


@contextmanager
def faulty_board(library: Path, rates: Rates, seed: int = 1, other: Path | None = None) -> Iterator[FaultyBoard]:
    """A board and its line, gone at the end."""
    board = FaultyBoard(library, rates, seed, other)
    try:
        yield board
    finally:
        board.close()


def kinds_of(data: bytes) -> list[int]:
    """The types of the sound frames in `data`."""
    return [frame.type for part in data.split(b"\0") if part and (frame := decode(part))]
