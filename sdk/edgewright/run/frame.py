"""The frames of the runner's protocol; the twin of `runtime_c/runner/ew_frame.h`."""

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum

from cobs import cobs

VERSION = 1
PAYLOAD_BYTES = 512
_HEADER = struct.Struct("<BBHII")
_CRC = struct.Struct("<I")
#: Longest coded frame; a receiver may drop what grows beyond it.
CODED_BYTES = (_HEADER.size + PAYLOAD_BYTES + _CRC.size) * 255 // 254 + 1


class Type(IntEnum):
    """Requests of the host, and the answers that are not `ANSWER | request`."""

    HELLO = 0x01
    PUT = 0x02
    RUN = 0x03
    GET = 0x04
    TRACE = 0x05
    STATS = 0x06
    RESET = 0x07
    SELFTEST = 0x08
    REFUSE = 0x70
    FAULT = 0x71
    BOOT = 0x72


ANSWER = 0x80


class Area(IntEnum):
    """What GET reads."""

    INFO = 0
    OUTPUT = 1
    TRACE = 2
    LAYER = 3


class Refusal(IntEnum):
    """Why the runner refuses a request."""

    VERSION = 1
    SESSION = 2
    TYPE = 3
    RANGE = 4
    LENGTH = 5


@dataclass(frozen=True)
class Frame:
    """type u8, sequence u16, session u32, argument u32, payload of up to 512 bytes."""

    type: int
    sequence: int
    session: int
    argument: int
    payload: bytes = b""
    version: int = VERSION


def encode(frame: Frame) -> bytes:
    """The bytes of `frame` on the wire, with a zero on either side."""
    header = _HEADER.pack(frame.version, frame.type, frame.sequence, frame.session, frame.argument)
    body = header + frame.payload
    coded: bytes = cobs.encode(body + _CRC.pack(zlib.crc32(body)))
    return b"\0" + coded + b"\0"


def decode(coded: bytes) -> Frame | None:
    """The frame in what stood between two zeros; None when it is not a sound one."""
    try:
        plain = cobs.decode(coded)
    except cobs.DecodeError:
        return None
    if not _HEADER.size + _CRC.size <= len(plain) <= _HEADER.size + PAYLOAD_BYTES + _CRC.size:
        return None
    body, (crc,) = plain[: -_CRC.size], _CRC.unpack(plain[-_CRC.size :])
    if zlib.crc32(body) != crc:
        return None
    version, kind, sequence, session, argument = _HEADER.unpack_from(body)
    return Frame(kind, sequence, session, argument, body[_HEADER.size :], version)
