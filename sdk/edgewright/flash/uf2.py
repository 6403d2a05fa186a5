"""UF2, the format that boards with a USB mass storage boot loader take: 512-byte blocks with address and family.

Source: https://github.com/microsoft/uf2, "File format"; RP2040 datasheet 2.8.4.2, RP2350 datasheet 5.5.2 and 5.5.3.
"""

from __future__ import annotations

import struct

from edgewright.errors import ImageError
from edgewright.flash.image import ERASED, Image, Segment, joined

#: Names of the families to which boot loaders listen, from the list of the UF2 project.
FAMILIES = {
    "rp2040": 0xE48BFF56, "absolute": 0xE48BFF57, "rp2350-arm-s": 0xE48BFF59, "rp2350-arm-ns": 0xE48BFF5B,
    "stm32f1": 0x5EE21072, "stm32f4": 0x57755A57, "stm32l4": 0x00FF6919, "stm32f7": 0x53B80F00,
    "stm32h7": 0x6DB66082, "stm32g0": 0x300F5633, "nrf52": 0x1B57745F, "nrf52840": 0xADA52840, "nrf52833": 0x621E937A,
}  # fmt: skip
BLOCK_BYTES, PAGE_BYTES, SECTOR_BYTES = 512, 256, 4096
_HEADER, _END = struct.Struct("<8I"), struct.Struct("<I")
_MAGIC0, _MAGIC1, _MAGIC_END = 0x0A324655, 0x9E5D5157, 0x0AB16F30
_NOT_MAIN_FLASH, _FAMILY_PRESENT, _EXTENSION_PRESENT = 0x1, 0x2000, 0x8000
#: Most that fits between header and closing magic.
_DATA_BYTES = BLOCK_BYTES - _HEADER.size - _END.size
#: An RP2350 takes the first block of a download for the whole when partitions exist (erratum E10): a block of the
#: family "absolute" that is marked to be ignored goes first, at an address behind all flash.
_IGNORE, _ABSOLUTE_ADDRESS = 0x9957E304, 0x10FFFF00


def uf2_bytes(image: Image, family: str) -> bytes:
    """`image` as UF2 for `family`, one of `FAMILIES`: pages of 256 bytes at multiples of 256.

    Boot ROMs of RP2040 and RP2350 erase by sectors of 4096 bytes and want every page of one that is touched (RP2040
    erratum E14), so that sectors are filled up with erased flash, as are bytes of a page that the image leaves open.
    """
    whole_sectors = family.startswith("rp2")
    pages: dict[int, bytearray] = {}
    for segment in image.segments:
        unit = SECTOR_BYTES if whole_sectors else PAGE_BYTES
        first, last = segment.address // unit * unit, -(-segment.end // unit) * unit
        for address in range(first, last, PAGE_BYTES):
            page = pages.setdefault(address, bytearray([ERASED]) * PAGE_BYTES)
            start, end = max(address, segment.address), min(address + PAGE_BYTES, segment.end)
            if start < end:
                page[start - address : end - address] = segment.data[start - segment.address : end - segment.address]
    blocks = [
        _block(_FAMILY_PRESENT, address, index, len(pages), FAMILIES[family], bytes(pages[address]))
        for index, address in enumerate(sorted(pages))
    ]
    if family.startswith("rp2350"):
        ignored = b"\xef" * PAGE_BYTES + _END.pack(_IGNORE)
        flags = _FAMILY_PRESENT | _EXTENSION_PRESENT
        blocks.insert(0, _block(flags, _ABSOLUTE_ADDRESS, 0, 2, FAMILIES["absolute"], ignored))
    return b"".join(blocks)


def _block(flags: int, address: int, index: int, count: int, family: int, data: bytes) -> bytes:
    header = _HEADER.pack(_MAGIC0, _MAGIC1, flags, address, PAGE_BYTES, index, count, family)
    return header + data.ljust(_DATA_BYTES, b"\0") + _END.pack(_MAGIC_END)


def read_uf2(data: bytes, name: str, vectors: int) -> tuple[int, Image]:
    """Family and image of a UF2 file called `name`.

    Raises:
        ImageError: a block is damaged, missing, doubled, of another family, or not where a boot ROM takes it.
    """
    if not data or len(data) % BLOCK_BYTES:
        raise ImageError(f"{name}: {len(data):,} bytes, UF2 is blocks of {BLOCK_BYTES}; write it again")
    segments: list[Segment] = []
    families: set[int] = set()
    numbers: list[int] = []
    for at in range(0, len(data), BLOCK_BYTES):
        magic0, magic1, flags, address, size, index, count, family = _HEADER.unpack_from(data, at)
        where = f"{name}: block {at // BLOCK_BYTES}"
        if (magic0, magic1, *_END.unpack_from(data, at + BLOCK_BYTES - 4)) != (_MAGIC0, _MAGIC1, _MAGIC_END):
            raise ImageError(f"{where} has no UF2 magic; write it again")
        if not flags & _FAMILY_PRESENT or size > _DATA_BYTES:
            raise ImageError(f"{where} has no family or {size} bytes, {_DATA_BYTES} fit; write it again")
        start = at + _HEADER.size
        if flags & _NOT_MAIN_FLASH or _is_ignored(flags, data[start + size : start + size + 4]):
            continue
        if size != PAGE_BYTES or address % PAGE_BYTES:
            raise ImageError(f"{where} has {size} bytes at {address:#x}, not a page of {PAGE_BYTES}; write it again")
        segments.append(Segment(address, data[start : start + size]))
        families.add(family)
        numbers += [index] if count == len(data) // BLOCK_BYTES - (at // BLOCK_BYTES - len(numbers)) else [-1]
    if len(families) != 1 or numbers != list(range(len(numbers))):
        raise ImageError(f"{name}: blocks of {len(families)} families, numbered {numbers[:4]}...; write it again")
    return families.pop(), Image(name, joined(name, segments), vectors)


def _is_ignored(flags: int, extension: bytes) -> bool:
    return bool(flags & _EXTENSION_PRESENT) and extension == _END.pack(_IGNORE)
