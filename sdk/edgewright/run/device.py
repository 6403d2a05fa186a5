"""The runner on a board behind a serial port."""

from edgewright.artifact import Manifest
from edgewright.run.link import Link
from edgewright.run.remote import RUN_S, RemoteRunner

DEFAULT_BAUD = 115_200


def open_device(manifest: Manifest, port: str, *, run_s: float = RUN_S) -> RemoteRunner:
    """The runner that answers on `port`, a device name or a URL of pyserial.

    Raises:
        LinkError: the port cannot be opened, nobody answers, or another model runs there.
    """
    board = manifest.target.board
    link = Link(port, baud=board.uart.baud if board else DEFAULT_BAUD)
    return RemoteRunner(manifest, link, f"device:{port}", run_s=run_s)
