"""What is written to a board: the bytes of a linked program by address, and whether the board can start them."""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from edgewright.errors import ImageError
from edgewright.targets import Board, Region

#: The linker template gives the vectors that much where they do not lie in flash.
VECTORS_BYTES = 1024
#: What erased NOR flash reads as.
ERASED = 0xFF


@dataclass(frozen=True)
class Segment:
    """Bytes that are written from `address` on, a load address."""

    address: int
    data: bytes

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.address + len(self.data)


@dataclass(frozen=True)
class Image:
    """name: its file's. segments: by address, none touches the next. vectors: address of the vector table."""

    name: str
    segments: tuple[Segment, ...]
    vectors: int

    @property
    def total_bytes(self) -> int:
        """How many bytes are written."""
        return sum(len(segment.data) for segment in self.segments)

    def word(self, address: int) -> int | None:
        """The little-endian word at `address`, None when the image has no such bytes."""
        for segment in self.segments:
            if segment.address <= address and address + 4 <= segment.end:
                return int(struct.unpack_from("<I", segment.data, address - segment.address)[0])
        return None

    def flat(self) -> bytes:
        """All bytes from the first address to the last; gaps read as erased flash.

        Raises:
            ImageError: it lies in memories that are far apart.
        """
        first, last = self.segments[0].address, self.segments[-1].end
        if last - first > 2 * self.total_bytes + 0x1_0000:
            where = ", ".join(f"{s.address:#x}" for s in self.segments)
            raise ImageError(f"{self.name}: lies in pieces far apart ({where}), no BIN; use the ELF, HEX or UF2 file")
        data = bytearray([ERASED]) * (last - first)
        for segment in self.segments:
            data[segment.address - first : segment.end - first] = segment.data
        return bytes(data)


def load_image(elf: Path) -> Image:
    """The loadable bytes of `elf` at their load (physical) addresses.

    Raises:
        ImageError: it is no 32-bit little-endian Arm program, or has nothing to load.
    """
    try:
        with elf.open("rb") as stream:
            file = ELFFile(stream)
            if (file["e_machine"], file["e_type"]) != ("EM_ARM", "ET_EXEC"):
                raise ImageError(f"{elf.name}: not a linked program for Arm; build again")
            loaded = [
                Segment(part["p_paddr"], part.data())
                for part in file.iter_segments()
                if part["p_type"] == "PT_LOAD" and part["p_filesz"]
            ]
            section = file.get_section_by_name(".vectors")
            vectors = section["sh_addr"] if section else min((s.address for s in loaded), default=0)
    except (OSError, ELFError, ValueError) as error:
        raise ImageError(f"{elf.name}: not a program: {error}; build again") from None
    if not loaded:
        raise ImageError(f"{elf.name}: nothing in it is loaded; build again")
    return Image(elf.name, joined(elf.name, loaded), vectors)


def joined(name: str, segments: list[Segment]) -> tuple[Segment, ...]:
    """`segments` by address, neighbours made one.

    Raises:
        ImageError: two of them overlap.
    """
    found: list[Segment] = []
    for segment in sorted(segments, key=lambda item: item.address):
        last = found[-1] if found else None
        if last and segment.address < last.end:
            raise ImageError(f"{name}: bytes at {segment.address:#x} come twice; build again")
        if last and segment.address == last.end:
            found[-1] = Segment(last.address, last.data + segment.data)
        else:
            found.append(segment)
    return tuple(found)


def check_image(image: Image, board: Board) -> None:
    """Raise ImageError when `image` does not lie in the flash of `board`, or reset would not find a program in it.

    Source: Armv7-M ARM (DDI0403), B1.5.3: word 0 of the vector table is the initial main stack pointer, word 1 the
    address of the reset handler with bit 0 set.
    """
    homes = [
        board.flash,
        board.weights_memory,
        *([Region(board.vectors_base, VECTORS_BYTES)] if board.vectors_base >= 0 else []),
    ]
    for segment in image.segments:
        if not any(home.base <= segment.address and segment.end <= home.end for home in homes):
            excess = segment.end - board.flash.end
            what = (
                f"exceeds it by {excess:,} bytes" if segment.address >= board.flash.base < segment.end else "does not"
            )
            raise ImageError(
                f"{image.name}: {segment.address:#x} to {segment.end:#x} must lie in the flash of {board.name}, "
                f"{board.flash.base:#x} to {board.flash.end:#x}, and {what}; build for this board"
            )
    memory = board.stack_memory
    stack, reset = image.word(image.vectors), image.word(image.vectors + 4)
    where = f"{image.name}: vector table at {image.vectors:#x}"
    if stack is None or reset is None:
        raise ImageError(f"{where} is not in the image; build again")
    if not memory.base < stack <= memory.end or stack % 4:
        ram = f"{memory.base:#x} to {memory.end:#x}"
        raise ImageError(f"{where}: initial stack pointer {stack:#x} is not in the RAM of {board.name}, {ram}")
    if not reset & 1:
        raise ImageError(f"{where}: reset handler {reset:#x} is even, no Thumb code; build again")
    if not any(segment.address <= reset - 1 < segment.end for segment in image.segments):
        raise ImageError(f"{where}: reset handler {reset:#x} is not in the image; build again")


def first_difference(written: Image, read: Image) -> int | None:
    """The first address whose byte differs between two images, or is in `written` alone; None when there is none."""
    there = {s.address + k: byte for s in read.segments for k, byte in enumerate(s.data)}
    pairs = ((s.address + k, byte) for s in written.segments for k, byte in enumerate(s.data))
    return next(itertools.islice((at for at, byte in pairs if there.get(at) != byte), 1), None)
