"""The runner inside QEMU: a Cortex-M machine, or a Linux process in user mode."""

import contextlib
import socket
import subprocess
import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from edgewright.build import BuildResult, Manifest
from edgewright.build.tools import find_tool
from edgewright.errors import BudgetError, LinkError, ToolError, UsageError
from edgewright.run.link import Link
from edgewright.run.remote import RUN_S, RemoteRunner
from edgewright.targets import Target


class Emulator(ABC):
    """A QEMU process whose program answers the first connection to the TCP address `url`.

    The listening socket is made here and handed down, so that no other process can take the port.
    """

    def __init__(self, command: Sequence[str]) -> None:
        """Starts `command`, or prepares to.

        Raises:
            ToolError: QEMU is not installed.
        """
        self._command = [find_tool(command[0]), *command[1:]]
        self._messages = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 - closed by stop()
        self._process: subprocess.Popen[bytes] | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        self._start()

    @abstractmethod
    def _start(self) -> None:
        """Sees to it that the first connection to the listener starts the program."""

    def link(self) -> Link:
        """A connection to the program, which has started."""
        link = Link(self.url, check_alive=self.check)
        link.await_boot()
        return link

    def check(self) -> None:
        """Raises LinkError when the process has ended."""
        process = self._process
        if process is None or process.poll() is None:
            return
        self._messages.seek(0)
        lines = [line.strip() for line in self._messages.read().splitlines() if line.strip()]
        said = next((line for line in lines if "fatal" in line or "rror" in line or "Lockup" in line), "")
        how = f"signal {-process.returncode}" if process.returncode < 0 else f"status {process.returncode}"
        raise LinkError(f"emulator: ended with {how}: {said or (lines or ['no message'])[0]}; the program crashed")

    def stop(self) -> None:
        """Ends the process; may be called twice."""
        self._listener.close()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._messages.close()


class SystemEmulator(Emulator):
    """A whole machine; its command has `{fd}` where it wants the number of the listening socket."""

    def _start(self) -> None:
        descriptor = self._listener.fileno()
        self._process = subprocess.Popen(
            [part.replace("{fd}", str(descriptor)) for part in self._command],
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
            stdout=self._messages,
            stderr=subprocess.STDOUT,
        )
        self._listener.close()


class UserEmulator(Emulator):
    """A Linux program, whose standard streams become the connection."""

    def _start(self) -> None:
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


def emulator_command(target: Target, program: Path, *, plugin: str = "", serial: bool = True) -> list[str]:
    """The command line that runs `program` on the emulator of `target`.

    plugin: argument of QEMU's -plugin option. serial: connect the UART to the listening socket `{fd}`.

    Raises:
        UsageError: nothing emulates the target.
    """
    extra = ["-plugin", plugin] if plugin else []
    board = target.link_board
    if board is None:
        if not target.cpu.emulator_command:
            raise UsageError(f"{target.name}: has no emulator; use place 'host'")
        return [*target.cpu.emulator_command, *extra, str(program)]
    if not board.emulator_machine:
        raise UsageError(f"{board.name}: no emulator knows this board; use place 'device:PORT'")
    line = ["-chardev", "socket,id=line,fd={fd},server=on,wait=on,nodelay=on", "-serial", "chardev:line"]
    return [
        *("qemu-system-arm", "-M", board.emulator_machine, "-display", "none", "-monitor", "none"),
        *(line if serial else ["-serial", "none"]),
        *extra,
        *("-kernel", str(program)),
    ]


def start_emulator(target: Target, program: Path) -> Emulator:
    """The emulator of `target`, with `program` behind its line."""
    kind = UserEmulator if target.link_board is None else SystemEmulator
    return kind(emulator_command(target, program))


def open_emulator(manifest: Manifest, built: BuildResult, *, run_s: float = RUN_S) -> RemoteRunner:
    """The runner of a built directory on its target's emulator.

    Raises:
        ToolError: the emulator is not installed.
        BudgetError: the runner does not fit the board.
        LinkError: it does not answer.
    """
    if built.elf is None:
        if built.elf_problem:
            raise BudgetError(built.elf_problem)
        raise ToolError(f"{manifest.name}: a build for {manifest.target.name} has no runner; use place 'host'")
    emulator = start_emulator(manifest.target, built.elf)
    try:
        return RemoteRunner(manifest, emulator.link(), "emulator", on_close=emulator.stop, run_s=run_s)
    except BaseException:
        emulator.stop()
        raise
