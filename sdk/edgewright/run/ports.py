"""The serial ports of this machine: which there are, which one a board is at, and why one cannot be opened."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports

from edgewright.errors import LinkError, UsageError

_PROCESSES = Path("/proc")


@dataclass(frozen=True)
class FoundPort:
    """device: its name. what: what the system knows of it."""

    device: str
    what: str

    def __str__(self) -> str:
        return f"{self.device} ({self.what})"


def found_ports() -> list[FoundPort]:
    """The ports that a board may be at: those of USB devices."""
    ports = sorted(list_ports.comports(), key=lambda port: str(port.device))
    return [FoundPort(port.device, str(port.description or port.hwid)) for port in ports if port.vid is not None]


def the_port() -> str:
    """The name of the only port that there is.

    Raises:
        LinkError: there is none, or more than one.
    """
    ports = found_ports()
    if not ports:
        raise LinkError("device: no board is connected by USB; plug it in, or name its port with --port")
    if len(ports) > 1:
        raise LinkError(f"device: {len(ports)} ports: {', '.join(map(str, ports))}; choose one with --port")
    return ports[0].device


def device_place(place: str, port: str | None, baud: int | None) -> str:
    """`place` with what `--port` and `--baud` say, as "device:PORT@BAUD"; places other than "device" stay.

    >>> device_place("device", "/dev/ttyACM0", 921600)
    'device:/dev/ttyACM0@921600'
    >>> device_place("host", "/dev/ttyACM0", None)
    'host'

    Raises:
        UsageError: both the place and `port` name a port, or the baud rate is not positive.
    """
    if place != "device" and not place.startswith("device:"):
        return place
    if baud is not None and baud < 1:
        raise UsageError(f"--baud {baud}: must be positive")
    name, named_baud = split_device(place)
    if port and name:
        raise UsageError(f"--port {port}: the place '{place}' names a port, too; give one of them")
    rate = baud or named_baud
    return "device" + (f":{port or name}" if port or name else "") + (f"@{rate}" if rate else "")


def split_device(place: str) -> tuple[str, int | None]:
    """Port and baud rate of "device", "device:PORT", "device:PORT@BAUD", "device@BAUD"; "" and None where not named."""
    found = re.fullmatch(r"device(?::(?P<port>.*?))?(?:@(?P<baud>\d+))?", place)
    assert found is not None
    return found["port"] or "", int(found["baud"]) if found["baud"] else None


def explain(url: str, told: str) -> str:
    """One line about a port that cannot be opened; `told`: the errno (0 for none) and what pyserial says."""
    number, _, reason = told.partition(" ")
    code = int(number) if number.isdigit() else 0
    if code == errno.ENOENT:
        ports = ", ".join(map(str, found_ports())) or "none"
        return f"{url}: cannot be opened: there is no such port; those of USB devices: {ports}"
    if code == errno.EACCES:
        return (
            f"{url}: cannot be opened: permission denied; add yourself to the group that owns it (dialout), log in anew"
        )
    if code in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in reason:
        return f"{url}: cannot be opened: in use by {user_of(url)}; end it first"
    return f"{url}: cannot be opened: {reason or told or 'no reason given'}; check the port's name and who else uses it"


def user_of(device: str) -> str:
    """The process that has `device` open, for people; on systems with /proc, as far as one may look."""
    wanted = os.path.realpath(device)
    for link in _PROCESSES.glob("[0-9]*/fd/*"):
        try:
            if os.readlink(link) == wanted and link.parts[2] != str(os.getpid()):
                name = (link.parents[1] / "comm").read_text().strip()
                return f"{name} (process {link.parts[2]})"
        except OSError:
            continue
    return "another program"
