"""A line between host and runner that drops, repeats, delays and damages frames, the same way every time."""

import contextlib
import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields


@dataclass
class FaultRates:
    """Probability of each fault per frame and direction.

    late: a copy of the frame arrives once more, after up to eight later frames. cut: its end and what stands behind it
    are missing. overrun: up to three bytes in its middle are. stall: it waits for up to 50 ms. reset: the board starts
    anew before it arrives, see `FaultyLine.reset`.
    """

    drop: float = 0.0
    repeat: float = 0.0
    damage: float = 0.0
    late: float = 0.0
    cut: float = 0.0
    overrun: float = 0.0
    stall: float = 0.0
    reset: float = 0.0


KINDS = tuple(kind.name for kind in fields(FaultRates))


@dataclass
class FaultyLine:
    """A proxy in front of the TCP address `target_url`; `url` is where to connect. reset: starts the board anew."""

    target_url: str
    rates: FaultRates
    seed: int = 1
    reset: Callable[[], None] | None = None
    faults: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))

    def __post_init__(self) -> None:
        host, port = self.target_url.removeprefix("socket://").split(":")
        self._far = socket.create_connection((host, int(port)))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        for end in (self._far, self._listener):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            near, _ = self._listener.accept()
            for end in (near, self._far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=self._relay, args=(self._far, near, self.seed), daemon=True)
            back.start()
            self._relay(near, self._far, self.seed + 1)

    def _relay(self, source: socket.socket, sink: socket.socket, seed: int) -> None:
        chance, held, rest = random.Random(seed), list[tuple[int, bytes]](), b""
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                *frames, rest = (rest + data).split(b"\0")
                for frame in filter(None, frames):
                    if sink is self._far and self.reset and self._happens("reset", chance):
                        self.reset()
                    if self._happens("stall", chance):
                        time.sleep(chance.uniform(0.0, 0.05))
                    parts = [b"\0" + part + b"\0" for part in self._faulty(frame, chance, held)]
                    if parts and self._happens("cut", chance):
                        parts[-1] = parts[-1][: chance.randrange(len(parts[-1]) - 1)]
                    sink.sendall(b"".join(parts))
            sink.shutdown(socket.SHUT_WR)

    def _faulty(self, frame: bytes, chance: random.Random, held: list[tuple[int, bytes]]) -> list[bytes]:
        """What arrives instead of `frame`; `held` are the late copies with the frames to wait for."""
        due = [late for wait, late in held if wait == 0]
        held[:] = [(wait - 1, late) for wait, late in held if wait]

        if self._happens("late", chance):
            held.append((chance.randrange(8), frame))
        if self._happens("drop", chance):
            return due
        if len(frame) > 4 and self._happens("overrun", chance):
            at = chance.randrange(1, len(frame) - 2)
            frame = frame[:at] + frame[at + chance.randrange(1, 4) :]
        parts = [frame, frame] if self._happens("repeat", chance) else [frame]
        if self._happens("damage", chance):
            damaged = bytearray(frame)
            damaged[chance.randrange(len(frame))] ^= 1 << chance.randrange(8)
            parts[-1] = bytes(damaged)
        return due + parts if chance.random() < 0.5 else parts + due

    def _happens(self, kind: str, chance: random.Random) -> bool:
        happened = chance.random() < float(getattr(self.rates, kind))
        self.faults[kind] += happened
        return happened
