"""What a line without answers means: silence, another firmware, a wrong baud rate, or noise."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

#: What is kept of bytes that are no frames.
KEPT_BYTES = 512
#: Text of another firmware: at least so many bytes, and so large a share of them printable.
_TEXT_BYTES, _TEXT_SHARE = 8, 0.9


@dataclass
class Heard:
    """What arrived since the line was opened. frames: sound ones. noise: the last bytes that were none."""

    total_bytes: int = 0
    frames: int = 0
    noise: bytearray = field(default_factory=bytearray)

    def add_noise(self, data: bytes | bytearray) -> None:
        """Keep bytes that are no frame."""
        self.noise += data
        del self.noise[:-KEPT_BYTES]


def explain_silence(heard: Heard, baud: int | None, pending: bytes = b"") -> str:
    """Why nobody answers, and what to do, behind "no answer to ...: "."""
    noise = bytes(heard.noise) + pending
    if heard.frames:
        return "answers to others came, and none to this; does another program use the port?"
    if not heard.total_bytes:
        return "not a byte came; is it the right port, has the board power, is the runner flashed?"
    text = firmware_text(noise)
    if text:
        return f"another firmware answers: '{text}'; flash the runner"
    at = f"at {baud:,} baud" if baud else "on this line"
    return f"{heard.total_bytes:,} bytes came and no frame among them; is something else than the runner {at}?"


def firmware_text(noise: bytes) -> str:
    """The last line of what another firmware prints, "" when that is no text."""
    printable = sum(byte in b"\r\n\t" or 0x20 <= byte < 0x7F for byte in noise)
    if len(noise) < _TEXT_BYTES or printable < _TEXT_SHARE * len(noise):
        return ""
    lines = [line.strip() for line in re.split(r"[\r\n]+", noise.decode("ascii", "ignore")) if line.strip()]
    return max(lines[-3:], key=len)[:60] if lines else ""
