"""The runner on a board behind a serial port."""

from pathlib import Path

from edgewright.artifact import Manifest
from edgewright.errors import LinkError, UsageError
from edgewright.run.link import Link, NoAnswerError
from edgewright.run.ports import the_port
from edgewright.run.remote import RUN_S, RemoteRunner

DEFAULT_BAUD = 115_200
#: Tried when nobody answers at the expected rate.
BAUDS = (115_200, 921_600, 460_800, 230_400, 57_600, 38_400, 19_200, 9_600, 1_000_000)
#: A board answers some milliseconds after its reset; the longest boot loaders take some seconds before.
GREET_S = 8.0
_TRY_S = 0.6


def open_device(
    manifest: Manifest,
    port: str = "",
    *,
    baud: int | None = None,
    build_id: str = "",
    program: Path | None = None,
    run_s: float = RUN_S,
    greet_s: float = GREET_S,
) -> RemoteRunner:
    """The runner that answers on `port`, a device name or a URL of pyserial; "" for the only board there is.

    baud: None for that of the board. build_id: of the firmware that must run there, "" for any. program: its
    ELF, to name places in it.

    Raises:
        UsageError: the board has no UART.
        LinkError: the port cannot be opened, nobody answers, or another model or another build runs there.
    """
    board = manifest.target.board
    if board and board.why_no_runner:
        raise UsageError(board.why_no_runner)
    rate = baud or (board.uart.baud if board and board.uart else DEFAULT_BAUD)
    port = port or the_port()
    link = Link(port, baud=rate)
    is_serial = link.is_serial
    try:
        return RemoteRunner(
            *(manifest, link, f"device:{port}"), run_s=run_s, greet_s=greet_s, build_id=build_id, program=program
        )
    except NoAnswerError:
        other = answering_baud(port, rate) if is_serial and not link.heard.frames else None
        if other is None:
            raise
        raise LinkError(f"{port}: answers at {other} baud, not at {rate}; give --baud {other}") from None


def answering_baud(port: str, but: int) -> int | None:
    """The baud rate at which a runner answers on a serial port, other than `but`; None when at none."""
    for rate in BAUDS:
        if rate == but:
            continue
        try:
            link = Link(port, baud=rate, resend_s=_TRY_S / 3)
        except LinkError:
            return None
        try:
            link.hello(answer_s=_TRY_S)
        except LinkError:
            continue
        else:
            return rate
        finally:
            link.close()
    return None
