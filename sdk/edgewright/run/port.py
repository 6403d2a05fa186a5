"""A line to the runner: bytes there and back, with a time-out on everything, whatever the driver below it does."""

from __future__ import annotations

import contextlib
import select
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path

import serial

from edgewright.errors import LinkError
from edgewright.run.ports import explain
from edgewright.run.protocols import register

OPEN_S = 10.0
WRITE_S = 10.0
_WORKER = Path(__file__).with_name("port_worker.py")


class PortLostError(Exception):
    """The line is gone; the message says how."""


class Port(ABC):
    """where: its name in messages. baud: None when it is no serial port."""

    where: str
    baud: int | None = None

    def now(self) -> float:
        """Seconds by the clock that its time-outs mean."""
        return time.monotonic()

    @abstractmethod
    def read(self, timeout_s: float) -> bytes:
        """What has arrived; waits up to `timeout_s` for the first byte, then b"".

        Raises:
            PortLostError: the line is gone.
        """

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Send `data`.

        Raises:
            PortLostError: the line is gone, or nothing takes the bytes.
        """

    @abstractmethod
    def close(self) -> None:
        """End it; may be called twice."""


class StreamPort(Port):
    """What pyserial opens as a file descriptor that does not block: `socket://`, `pipe://`."""

    def __init__(self, url: str) -> None:
        """Raises LinkError when `url` cannot be opened."""
        self.where = url
        register()
        try:
            self._port = serial.serial_for_url(url, timeout=0)
        except (serial.SerialException, OSError, ValueError) as error:
            raise LinkError(f"{url}: cannot be opened: {error}; check the port's name and who else uses it") from None
        if url.startswith("socket:"):
            # Without this the kernel keeps small frames back for up to 40 ms.
            with socket.socket(fileno=self._port.fileno()) as alias:
                alias.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                alias.detach()

    def read(self, timeout_s: float) -> bytes:
        try:
            if not select.select([self._port.fileno()], [], [], timeout_s)[0]:
                return b""
            # The port does not block, so this takes what is there in one call.
            return bytes(self._port.read(4096))
        except (serial.SerialException, OSError, ValueError) as error:
            raise PortLostError(f"the connection broke: {error}") from None

    def write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except (serial.SerialException, OSError, ValueError) as error:
            raise PortLostError(f"the connection broke: {error}") from None

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._port.close()


class WorkerPort(Port):
    """A serial port, or anything else that `serial.serial_for_url` opens, in a process that can be killed.

    A driver that hangs, in opening or in writing, hangs that process and not this one.
    """

    def __init__(self, url: str, baud: int, *, open_s: float = OPEN_S) -> None:
        """Raises LinkError when the port cannot be opened within `open_s` seconds."""
        self.where, self.baud = url, baud
        self._line, far = socket.socketpair()
        with far:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(_WORKER), url, str(baud), str(far.fileno())],
                pass_fds=[far.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        assert self._process.stdout is not None
        self._told = self._process.stdout
        if not select.select([self._told], [], [], open_s)[0]:
            self.close()
            raise LinkError(
                f"{url}: its driver does not open the port within {open_s:g} s; unplug it and plug it in again"
            )
        told = self._told.readline().decode(errors="replace").strip()
        if told != "open":
            self.close()
            raise LinkError(explain(url, told))

    def read(self, timeout_s: float) -> bytes:
        try:
            if not select.select([self._line], [], [], timeout_s)[0]:
                return b""
            data = self._line.recv(65536)
        except (OSError, ValueError) as error:
            raise PortLostError(f"the port was closed: {error}") from None
        if not data:
            raise PortLostError(f"the port vanished: {self._last_words()}")
        return data

    def write(self, data: bytes) -> None:
        try:
            self._line.settimeout(WRITE_S)
            self._line.sendall(data)
        except TimeoutError:
            raise PortLostError(f"its driver takes no bytes for {WRITE_S:g} s") from None
        except OSError:
            raise PortLostError(f"the port vanished: {self._last_words()}") from None

    def close(self) -> None:
        self._line.close()
        if self._process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.5)  # it ends when the line does, and lets go of the port
            self._process.kill()
            # One that hangs in its driver outlives even that; nobody waits for it.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.5)
        self._told.close()

    def _last_words(self) -> str:
        """Why the worker ended, as it told."""
        if not select.select([self._told], [], [], 1.0)[0]:
            return "no reason given"
        return self._told.readline().decode(errors="replace").strip().partition(" ")[2] or "no reason given"


def open_port(url: str, baud: int) -> Port:
    """The line called `url`, a port's name or anything else that `serial.serial_for_url` takes.

    Raises:
        LinkError: it cannot be opened.
    """
    return StreamPort(url) if url.startswith(("socket:", "pipe:")) else WorkerPort(url, baud)
