"""A debug server, as QEMU, OpenOCD, pyOCD and J-Link offer it: the memory of a board that is stopped, and its reset.

Source: GDB manual, appendix E, "GDB Remote Serial Protocol".
"""

from __future__ import annotations

import contextlib
import socket
import struct

from edgewright.errors import LinkError

CONNECT_S, ANSWER_S = 5.0, 10.0
#: Bytes of memory in one packet; every server takes so much.
_CHUNK_BYTES = 512


class DebugServer:
    """One connection. The board is stopped when it is made; memory is reached only while it is."""

    def __init__(self, address: str) -> None:
        """address: HOST:PORT.

        Raises:
            LinkError: nobody answers, or not as a debug server.
        """
        self.where = f"probe:{address}"
        host, _, port = address.rpartition(":")
        try:
            self._socket = socket.create_connection((host or "127.0.0.1", int(port)), CONNECT_S)
        except (OSError, ValueError) as error:
            raise LinkError(
                f"{self.where}: no debug server answers ({error}); start it, give probe:HOST:PORT"
            ) from None
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(ANSWER_S)
        self._pending = b""
        try:
            self._ask("?")
        except BaseException:
            self.close()
            raise

    def read(self, address: int, count: int) -> bytes:
        """`count` bytes of memory."""
        parts = []
        for at in range(address, address + count, _CHUNK_BYTES):
            length = min(_CHUNK_BYTES, address + count - at)
            answer = self._ask(f"m{at:x},{length:x}")
            if len(answer) != 2 * length:
                raise LinkError(f"{self.where}: cannot read {length} bytes at {at:#x}: {answer or 'no answer'}")
            parts.append(bytes.fromhex(answer))
        return b"".join(parts)

    def write(self, address: int, data: bytes) -> None:
        """Put `data` into memory."""
        for at in range(0, len(data), _CHUNK_BYTES):
            part = data[at : at + _CHUNK_BYTES]
            answer = self._ask(f"M{address + at:x},{len(part):x}:{part.hex()}")
            if answer != "OK":
                raise LinkError(
                    f"{self.where}: cannot write {len(part)} bytes at {address + at:#x}: {answer or 'refused'}"
                )

    def words(self, address: int, count: int) -> tuple[int, ...]:
        """`count` little-endian words."""
        return struct.unpack(f"<{count}I", self.read(address, 4 * count))

    def stop(self) -> None:
        """Stop the board, which runs."""
        self._send_raw(b"\x03")
        self._answer()

    def run(self) -> None:
        """Let the board, which is stopped, run."""
        self._send("c")

    def reset(self) -> None:
        """Reset the board, which is stopped and stays so; each server has its own word for that."""
        for word in ("system_reset", "reset halt"):
            answer = self._ask(f"qRcmd,{word.encode().hex()}")
            while answer[:1] == "O" and answer != "OK":  # what it prints
                answer = self._answer()

    def close(self) -> None:
        """Leave the board running; may be called twice."""
        with contextlib.suppress(OSError, LinkError):
            if self._ask("D") != "OK":  # QEMU, which GDB has told to count processes
                self._ask("D;1")
        self._socket.close()

    def _ask(self, command: str) -> str:
        """The answer to `command`; servers also tell that the board has stopped when nobody asks."""
        self._send(command)
        while (answer := self._answer())[:1] in ("T", "S") and command != "?":
            continue
        return answer

    def _send(self, command: str) -> None:
        data = command.encode()
        self._send_raw(b"$" + data + f"#{sum(data) & 0xFF:02x}".encode())

    def _send_raw(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise LinkError(f"{self.where}: the debug server went away: {error}; start it again") from None

    def _answer(self) -> str:
        """The next packet, acknowledged."""
        while True:
            start = self._pending.find(b"$")
            end = self._pending.find(b"#", start)
            if 0 <= start < end <= len(self._pending) - 3:
                body, check = self._pending[start + 1 : end], self._pending[end + 1 : end + 3]
                self._pending = self._pending[end + 3 :]
                if check.decode("ascii", "replace").lower() != f"{sum(body) & 0xFF:02x}":
                    self._send_raw(b"-")
                    continue
                self._send_raw(b"+")
                return body.decode("ascii", "replace")
            try:
                data = self._socket.recv(65536)
            except TimeoutError:
                raise LinkError(f"{self.where}: no answer within {ANSWER_S:g} s; is it a debug server?") from None
            except OSError as error:
                raise LinkError(f"{self.where}: the debug server went away: {error}; start it again") from None
            if not data:
                raise LinkError(f"{self.where}: the debug server closed the connection; start it again")
            self._pending += data
