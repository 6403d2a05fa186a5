"""The runner behind a debug probe: frames travel through a mailbox in RAM; no UART, no pins, no clock, no driver."""

from __future__ import annotations

import contextlib
import struct
import time
from pathlib import Path

from edgewright.artifact import Manifest
from edgewright.build import BuildResult
from edgewright.build.elf import symbol_address
from edgewright.errors import LinkError, UsageError
from edgewright.run.debug_server import DebugServer
from edgewright.run.link import Link
from edgewright.run.port import Port, PortLostError
from edgewright.run.remote import RUN_S, RemoteRunner
from edgewright.targets.board import RETAINED_BYTES

#: The twins of `targets/support/line_mailbox.h`; the offer is the last retained word.
MAILBOX = "ew_mailbox"
_OFFER, _MAGIC = 0x0FF34EDB, 0x4D41494C
_OFFER_AT = 12
#: Words of the mailbox behind magic, size and addresses.
_HOST_WRITTEN, _BOARD_TAKEN, _BOARD_WRITTEN, _HOST_TAKEN = range(4, 8)
_WORDS = 8
#: The board runs that long between two looks, and starts within START_S.
_LOOK_S, START_S = 0.002, 5.0


class MailboxPort(Port):
    """Both ends of a ring each; the board is stopped for as long as one look takes."""

    def __init__(self, server: DebugServer, mailbox: int) -> None:
        """mailbox: its address. The board was reset and is stopped.

        Raises:
            LinkError: the program there does not start its mailbox: it is not the one that was built.
        """
        self.where, self._server, self._at = server.where, server, mailbox
        self._early = b""
        server.run()
        deadline = time.monotonic() + START_S
        while True:
            time.sleep(_LOOK_S)
            server.stop()
            magic, size, to_board, to_host = server.words(mailbox, 4)
            server.run()
            if magic == _MAGIC:
                break
            if time.monotonic() > deadline:
                raise LinkError(f"{self.where}: the program there opens no mailbox; flash it first: edgewright flash")
        self._size, self._to_board, self._to_host = size, to_board, to_host

    def read(self, timeout_s: float) -> bytes:
        deadline = time.monotonic() + timeout_s
        while True:
            data = self._look(b"")[1]
            if data or time.monotonic() >= deadline:
                return data
            time.sleep(_LOOK_S)

    def write(self, data: bytes) -> None:
        while data:
            taken, arrived = self._look(data)
            self._early += arrived
            data = data[taken:]

    def _look(self, data: bytes) -> tuple[int, bytes]:
        """Give the board as much of `data` as there is room for, and take what it has sent: how much, and what."""
        early, self._early = self._early, b""
        if early and not data:
            return 0, early
        try:
            self._server.stop()
            words = self._server.words(self._at, _WORDS)
            room = self._size - (words[_HOST_WRITTEN] - words[_BOARD_TAKEN]) % 2**32
            part = data[:room]
            if part:
                self._put(words[_HOST_WRITTEN], part)
                self._set(_HOST_WRITTEN, words[_HOST_WRITTEN] + len(part))
            count = (words[_BOARD_WRITTEN] - words[_HOST_TAKEN]) % 2**32
            arrived = self._get(words[_HOST_TAKEN], min(count, self._size))
            if arrived:
                self._set(_HOST_TAKEN, words[_HOST_TAKEN] + len(arrived))
            self._server.run()
        except LinkError as error:
            raise PortLostError(str(error)) from None
        return len(part), early + arrived

    def _set(self, word: int, value: int) -> None:
        self._server.write(self._at + 4 * word, struct.pack("<I", value % 2**32))

    def _put(self, written: int, data: bytes) -> None:
        at = written % self._size
        first, rest = data[: self._size - at], data[self._size - at :]
        self._server.write(self._to_board + at, first)
        if rest:
            self._server.write(self._to_board, rest)

    def _get(self, taken: int, count: int) -> bytes:
        at = taken % self._size
        first = min(count, self._size - at)
        return self._server.read(self._to_host + at, first) + self._server.read(self._to_host, count - first)

    def close(self) -> None:
        """The server is closed by who opened it."""


def open_probe(manifest: Manifest, built: BuildResult, address: str, *, run_s: float = RUN_S) -> RemoteRunner:
    """The runner on a board behind the debug server at `address`, HOST:PORT; flashed before, and reset now.

    Raises:
        UsageError: the target is no bare board, or its runner was not built.
        LinkError: no server answers, or the board runs another program.
    """
    board = manifest.target.link_board
    if board is None or built.elf is None:
        raise UsageError(f"{manifest.name}: no runner for a bare board, so no probe reaches it; use another place")
    mailbox = mailbox_address(built.elf)
    server = DebugServer(address)
    offer = board.ram.end - RETAINED_BYTES + _OFFER_AT

    def leave() -> None:
        """The board starts anew, as it would without a probe."""
        with contextlib.suppress(LinkError):  # it went away, and the board with it
            server.stop()
            server.write(offer, bytes(4))
            server.reset()
        server.close()

    try:
        server.write(mailbox, bytes(4 * _WORDS))
        server.reset()
        server.write(offer, struct.pack("<I", _OFFER))
        port = MailboxPort(server, mailbox)
    except BaseException:
        server.close()
        raise
    return RemoteRunner(
        *(manifest, Link(port), f"probe:{address}"),
        on_close=leave,
        run_s=run_s,
        build_id=built.build_id,
        program=built.elf,
    )


def mailbox_address(elf: Path) -> int:
    """Where the runner `elf` keeps its mailbox.

    Raises:
        UsageError: it has none.
    """
    address = symbol_address(elf, MAILBOX)
    if address is None:
        raise UsageError(f"{elf.name}: has no mailbox; build it again")
    return address
