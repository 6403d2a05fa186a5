"""An emulated board on the desk: it is there before any program is, and stays when its user goes."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from edgewright.targets import load_board


@contextmanager
def emulated(board: str) -> Iterator[tuple[str, str]]:
    """An emulated board that holds no program yet: HOST:PORT of its debug server, and the URL of its UART."""
    with socket.create_server(("127.0.0.1", 0)) as gdb, socket.create_server(("127.0.0.1", 0)) as uart:
        command = ["qemu-system-arm", "-M", load_board(board).emulator_machine, "-display", "none", "-monitor", "none"]
        command += [
            "-S",
            "-chardev",
            f"socket,id=gdb,fd={gdb.fileno()},server=on,wait=off,nodelay=on",
            "-gdb",
            "chardev:gdb",
        ]
        command += ["-chardev", f"socket,id=line,fd={uart.fileno()},server=on,wait=off,nodelay=on"]
        process = subprocess.Popen(
            [*command, "-serial", "chardev:line"],
            pass_fds=[gdb.fileno(), uart.fileno()],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        host = "127.0.0.1:{}".format
        try:
            yield host(gdb.getsockname()[1]), f"socket://{host(uart.getsockname()[1])}"
        finally:
            process.kill()
            process.wait()
