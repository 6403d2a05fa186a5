"""The files of an image, one per format that some tool wants."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.errors import ImageError, ToolError
from edgewright.flash.image import Image, Segment, first_difference, joined
from edgewright.flash.uf2 import read_uf2, uf2_bytes


@dataclass(frozen=True)
class ImageFiles:
    """Where the files of a program lie: elf, and what was made of it; hex and uf2 are None where nothing wants them."""

    elf: Path
    bin: Path | None
    hex: Path | None
    uf2: Path | None


def hex_bytes(image: Image) -> bytes:
    """`image` as Intel HEX.

    Raises:
        ToolError: the package intelhex is missing.
    """
    file = _intel_hex()
    for segment in image.segments:
        file.puts(segment.address, segment.data)
    text = io.StringIO()
    file.write_hex_file(text)
    return text.getvalue().encode("ascii")


def read_hex(data: bytes, name: str, vectors: int) -> Image:
    """The image of an Intel HEX file called `name`.

    Raises:
        ToolError: the package intelhex is missing.
        ImageError: it is no sound file.
    """
    file = _intel_hex()
    try:
        file.loadhex(io.StringIO(data.decode("ascii")))
    except Exception as error:  # its exceptions have many bases
        raise ImageError(f"{name}: not Intel HEX: {error}; write it again") from None
    parts = [Segment(start, bytes(file.tobinarray(start, stop - 1))) for start, stop in file.segments()]
    return Image(name, joined(name, parts), vectors)


def _intel_hex() -> Any:
    try:
        from intelhex import IntelHex
    except ImportError:
        raise ToolError("intelhex: not installed; install it with: pip install 'edgewright[flash]'") from None
    return IntelHex()


def write_files(image: Image, elf: Path, *, uf2_family: str = "", wants_hex: bool = False) -> ImageFiles:
    """BIN, and HEX and UF2 where they are wanted, beside `elf`; each is read back and compared before it gets its name.

    There is no BIN of an image that lies in memories far apart.

    Raises:
        ToolError: the package intelhex is missing, or a file cannot be written or reads back differently.
    """

    def made(suffix: str, data: bytes, read: Callable[[bytes, str], Image]) -> Path:
        path = elf.with_suffix(suffix)
        unfinished = path.with_name(f".{path.name}")
        try:
            unfinished.write_bytes(data)
            difference = first_difference(image, read(unfinished.read_bytes(), path.name))
            if difference is not None:
                raise ToolError(f"{path}: reads back differently at {difference:#x}; is the disk full?")
            unfinished.rename(path)
        except OSError as error:
            raise ToolError(f"{path}: cannot be written: {error.strerror}; make room") from None
        finally:
            unfinished.unlink(missing_ok=True)
        return path

    first, vectors, flat = image.segments[0].address, image.vectors, _flat(image)
    bin_file = hex_file = uf2_file = None
    if flat:
        bin_file = made(".bin", flat, lambda data, name: Image(name, (Segment(first, data),), vectors))
    if wants_hex:
        hex_file = made(".hex", hex_bytes(image), lambda data, name: read_hex(data, name, vectors))
    if uf2_family:
        uf2_file = made(".uf2", uf2_bytes(image, uf2_family), lambda data, name: read_uf2(data, name, vectors)[1])
    return ImageFiles(elf, bin_file, hex_file, uf2_file)


def _flat(image: Image) -> bytes:
    try:
        return image.flat()
    except ImageError:
        return b""
