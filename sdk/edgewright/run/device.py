"""The runner on a board behind a serial port."""

from pathlib import Path

from edgewright.artifact import Manifest
from edgewright.errors import UsageError
from edgewright.run.link import Link
from edgewright.run.remote import RUN_S, RemoteRunner

DEFAULT_BAUD = 115_200


def open_device(manifest: Manifest, port: str, *, run_s: float = RUN_S, program: Path | None = None) -> RemoteRunner:
    """The runner that answers on `port`, a device name or a URL of pyserial; `program`: the ELF that should run there.

    Raises:
        UsageError: the board has no UART.
        LinkError: the port cannot be opened, nobody answers, or another model runs there.
    """
    board = manifest.target.board
    if board and board.why_no_runner:
        raise UsageError(board.why_no_runner)
    link = Link(port, baud=board.uart.baud if board and board.uart else DEFAULT_BAUD)
    return RemoteRunner(manifest, link, f"device:{port}", run_s=run_s, program=program)
