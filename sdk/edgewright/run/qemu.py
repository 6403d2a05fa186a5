"""QEMU processes with a program that can be talked to."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from edgewright.build.tools import find_tool
from edgewright.errors import LinkError, ToolError
from edgewright.run.link import Link

#: What a line of QEMU's says that tells why it ended.
_TELLING = ("fatal", "rror", "Lockup", "unsupported machine type")


class Emulator(ABC):
    """A process whose program answers at `url`, once; `where` names it in errors."""

    url: str
    where = "emulator"

    def __init__(self, command: Sequence[str]) -> None:
        """Starts `command`, or prepares to.

        Raises:
            ToolError: QEMU is not installed.
        """
        self._command = [find_tool(command[0]), *command[1:]]
        self._messages = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 - closed by stop()
        self._process: subprocess.Popen[bytes] | None = None
        self._start()

    @abstractmethod
    def _start(self) -> None:
        """Sets `url`, and sees to it that opening it reaches the program."""

    def link(self) -> Link:
        """A connection to the program, which has started."""
        link = Link(self.url, check_alive=self.check)
        link.await_boot()
        return link

    def check(self) -> None:
        """Raises LinkError when the process has ended, ToolError when it does not know the machine."""
        process = self._process
        if process is None or process.poll() is None:
            return
        self._messages.seek(0)
        lines = [line.strip() for line in self._messages.read().splitlines() if line.strip()]
        said = next((line for line in lines if any(word in line for word in _TELLING)), "")
        if "unsupported machine type" in said:
            raise ToolError(f"{self._command[0]}: {said}; install a newer QEMU")
        how = f"signal {-process.returncode}" if process.returncode < 0 else f"status {process.returncode}"
        raise LinkError(f"{self.where}: ended with {how}: {said or (lines or ['no message'])[0]}; the program crashed")

    def stop(self) -> None:
        """Ends the process; may be called twice. There is nothing that it could save."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._messages.close()


class PipeEmulator(Emulator):
    """A whole machine whose program uses the files `ew_in` and `ew_out` of its working folder."""

    def _start(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="edgewright-"))
        for name in ("ew_in", "ew_out"):
            os.mkfifo(self._folder / name)
        self.url = f"pipe://{self._folder}"
        self._process = subprocess.Popen(
            self._command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=self._messages, stderr=subprocess.STDOUT
        )

    def stop(self) -> None:
        super().stop()
        shutil.rmtree(self._folder, ignore_errors=True)


class UartEmulator(Emulator):
    """A whole machine whose UART is a socket; the command has `{fd}` where it wants the listener's number.

    The listening socket is made here and handed down, so that no other process can take the port.
    """

    def _start(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.url = f"socket://127.0.0.1:{listener.getsockname()[1]}"
            descriptor = listener.fileno()
            self._process = subprocess.Popen(
                [part.replace("{fd}", str(descriptor)) for part in self._command],
                pass_fds=[descriptor],
                stdin=subprocess.DEVNULL,
                stdout=self._messages,
                stderr=subprocess.STDOUT,
            )


class UserEmulator(Emulator):
    """A Linux program, whose standard streams become the first connection to `url`."""

    def _start(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                descriptor = connection.fileno()
                self._process = subprocess.Popen(
                    self._command, stdin=descriptor, stdout=descriptor, stderr=self._messages
                )

    def stop(self) -> None:
        self._listener.close()
        super().stop()
