"""What the boot ROMs of RP2040 and RP2350 look for before they start a program in flash."""

from __future__ import annotations

import struct
from collections.abc import Callable

from edgewright.errors import ImageError
from edgewright.flash.image import Image

#: RP2040 datasheet 2.8.1.3.1: the second stage is the first 256 bytes, the last four of them its CRC-32 (0x04C11DB7,
#: starts at all ones, bits in order, not inverted).
STAGE2_BYTES, _POLYNOMIAL = 256, 0x04C11DB7
#: RP2350 datasheet 5.9.5: a block loop begins with the first word and ends with the second; it lies in the first 4 KB.
BLOCK_START, BLOCK_END, BLOCK_WITHIN_BYTES = 0xFFFFDED3, 0xAB123579, 4096


def crc32_msb_first(data: bytes) -> int:
    """CRC-32 of the RP2040's boot ROM (CRC-32/MPEG-2).

    >>> hex(crc32_msb_first(b"123456789"))
    '0x376e6e7'
    """
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ _POLYNOMIAL if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc


def check_boot(image: Image, family: str) -> None:
    """Raise ImageError when the boot ROM of a chip of the UF2 `family` would not start `image`."""
    for name, check in _CHECKS.items():
        if family == name:
            check(image)


def _check_stage2(image: Image) -> None:
    first = image.segments[0]
    stage2 = first.data[:STAGE2_BYTES]
    if len(stage2) < STAGE2_BYTES or crc32_msb_first(stage2[:-4]) != struct.unpack("<I", stage2[-4:])[0]:
        what = f"no second boot stage with a sound CRC at {first.address:#x}"
        raise ImageError(f"{image.name}: {what}, the RP2040 would not start it; link one in front")


def _check_image_def(image: Image) -> None:
    first = image.segments[0]
    head = first.data[:BLOCK_WITHIN_BYTES]
    starts = [at for at in range(0, len(head) - 3, 4) if head[at : at + 4] == struct.pack("<I", BLOCK_START)]
    if not any(struct.pack("<I", BLOCK_END) in head[at:] for at in starts):
        what = f"no IMAGE_DEF in the first {BLOCK_WITHIN_BYTES} bytes from {first.address:#x}"
        raise ImageError(f"{image.name}: {what}, the RP2350 would not start it; link one in")


_CHECKS: dict[str, Callable[[Image], None]] = {"rp2040": _check_stage2, "rp2350-arm-s": _check_image_def}
