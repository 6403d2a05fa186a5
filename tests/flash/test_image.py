"""Images: what is loaded from a linked program, its checks against the board, and its files read back."""

from __future__ import annotations

import dataclasses
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgewright.build import build
from edgewright.errors import ImageError, ToolError
from edgewright.flash.boot import BLOCK_END, BLOCK_START, check_boot, crc32_msb_first
from edgewright.flash.files import hex_bytes, read_hex, write_files
from edgewright.flash.image import Image, Segment, check_image, first_difference, joined, load_image
from edgewright.flash.uf2 import BLOCK_BYTES, FAMILIES, PAGE_BYTES, SECTOR_BYTES, read_uf2, uf2_bytes
from edgewright.targets import Board, Region, load_board
from tests.harness.stub_model import write_stub_model

BASE = 0x1000_0000


def image_at(address: int, *parts: bytes, gap: int = 0) -> Image:
    """`parts` from `address` on, `gap` bytes between them."""
    segments = []
    for part in parts:
        segments.append(Segment(address, part))
        address += len(part) + gap
    return Image("test", joined("test", segments), segments[0].address)


@st.composite
def images(draw: st.DrawFn) -> Image:
    """Up to four pieces in 64 KB, apart or touching."""
    address, segments = BASE + draw(st.integers(0, 5000)), []
    for data in draw(st.lists(st.binary(min_size=1, max_size=900), min_size=1, max_size=4)):
        segments.append(Segment(address, data))
        address += len(data) + draw(st.sampled_from([0, 1, 255, 256, 4096, 9001]))
    return Image("drawn", joined("drawn", segments), BASE)


@given(images())
def test_hex_reads_back_exactly(image: Image) -> None:
    assert read_hex(hex_bytes(image), image.name, BASE) == image


@given(images(), st.sampled_from(["rp2040", "rp2350-arm-s", "nrf52840"]))
def test_uf2_reads_back_and_fills_up_with_erased_flash(image: Image, family: str) -> None:
    number, read = read_uf2(uf2_bytes(image, family), "test.uf2", BASE)
    assert number == FAMILIES[family]
    assert first_difference(image, read) is None
    unit = SECTOR_BYTES if family.startswith("rp2") else PAGE_BYTES
    touched = {at // unit for s in image.segments for at in range(s.address, s.end)}
    assert read.total_bytes == unit * len(touched)
    written = {s.address + k: byte for s in image.segments for k, byte in enumerate(s.data)}
    padding = [byte for s in read.segments for k, byte in enumerate(s.data) if s.address + k not in written]
    assert set(padding) <= {0xFF}


@given(images(), st.data())
def test_a_changed_byte_is_found(image: Image, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(image.segments[0].data) - 1))
    changed = bytearray(image.segments[0].data)
    changed[at] ^= 1
    other = dataclasses.replace(
        image, segments=(Segment(image.segments[0].address, bytes(changed)), *image.segments[1:])
    )
    assert first_difference(image, other) == image.segments[0].address + at
    assert first_difference(image, dataclasses.replace(image, segments=image.segments[1:])) is not None


def test_the_rp2350_gets_a_block_to_ignore_first() -> None:
    plain, guarded = uf2_bytes(image_at(BASE, b"x"), "rp2040"), uf2_bytes(image_at(BASE, b"x"), "rp2350-arm-s")
    assert len(plain) == BLOCK_BYTES * SECTOR_BYTES // PAGE_BYTES
    assert len(guarded) == len(plain) + BLOCK_BYTES
    flags, address, size, index, count, family = struct.unpack_from("<6I", guarded, 8)
    assert (flags, address, size, index, count, family) == (0xA000, 0x10FFFF00, 256, 0, 2, FAMILIES["absolute"])
    assert struct.unpack_from("<I", guarded, 32 + 256) == (0x9957E304,)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-1], "UF2 is blocks of 512"),
        (lambda data: b"\0" + data[1:], "block 0 has no UF2 magic"),
        (lambda data: data[512:], "numbered"),
        (lambda data: data + data[:512], "numbered"),
        (lambda data: data[:12] + b"\x01" + data[13:], "not a page of 256"),
        (lambda data: data[:28] + b"\x00" + data[29:], "blocks of 2 families"),
    ],
)
def test_a_damaged_uf2_is_refused(damage: object, message: str) -> None:
    assert callable(damage)
    with pytest.raises(ImageError, match=message):
        read_uf2(damage(uf2_bytes(image_at(BASE, bytes(600)), "rp2040")), "test.uf2", BASE)


def test_bytes_that_come_twice_are_refused() -> None:
    with pytest.raises(ImageError, match="bytes at 0x10000003 come twice"):
        joined("test", [Segment(BASE, b"abcd"), Segment(BASE + 3, b"x")])


def test_pieces_far_apart_have_no_bin() -> None:
    with pytest.raises(ImageError, match="lies in pieces far apart"):
        image_at(0, b"a", b"b", gap=0x1100_0000).flat()
    assert image_at(BASE, b"ab", b"c", gap=2).flat() == b"ab\xff\xffc"


RAM = Region(0x2000_0000, 0x1000)


def small_board() -> Board:
    """A board with 1 KB of flash."""
    return dataclasses.replace(load_board("mps2-an386"), name="small", flash=Region(BASE, 0x400), ram=RAM)


def vectors(stack: int, reset: int) -> bytes:
    return struct.pack("<II", stack, reset)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (
            image_at(BASE, vectors(RAM.end, BASE + 9), bytes(0x400)),
            "must lie in the flash of small.*exceeds it by 8 bytes",
        ),
        (image_at(BASE - 8, bytes(16)), "must lie in the flash of small.*and does not"),
        (
            image_at(BASE, vectors(RAM.end + 4, BASE + 9), bytes(8)),
            "initial stack pointer 0x20001004 is not in the RAM",
        ),
        (image_at(BASE, vectors(RAM.base, BASE + 9), bytes(8)), "initial stack pointer 0x20000000 is not in the RAM"),
        (image_at(BASE, vectors(RAM.end - 2, BASE + 9), bytes(8)), "initial stack pointer 0x20000ffe is not in"),
        (image_at(BASE, vectors(RAM.end, BASE + 8), bytes(8)), "reset handler 0x10000008 is even"),
        (image_at(BASE, vectors(RAM.end, BASE + 17), bytes(8)), "reset handler 0x10000011 is not in the image"),
        (image_at(BASE, bytes(4)), "vector table at 0x10000000 is not in the image"),
    ],
)
def test_an_image_that_the_board_could_not_start_is_refused(image: Image, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        check_image(image, small_board())


def test_a_sound_image_passes() -> None:
    check_image(image_at(BASE, vectors(RAM.end, BASE + 9), bytes(8)), small_board())


@pytest.mark.parametrize("board", ["microbit", "mps3-an547"])  # in one piece, and in two memories
def test_what_is_built_for_a_board_passes_and_its_files_read_back(board: str, tmp_path: Path) -> None:
    elf = build(write_stub_model(tmp_path / "stub", load_board(board).cpu, board)).elf
    assert elf
    image = load_image(elf)
    check_image(image, load_board(board))
    files = write_files(image, elf, uf2_family="stm32f4", wants_hex=True)
    assert files.hex
    assert files.uf2
    assert read_hex(files.hex.read_bytes(), elf.name, image.vectors) == image
    if len(image.segments) == 1 and files.bin:  # objcopy knows the format, too
        copy = tmp_path / "objcopy.bin"
        subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", elf, copy], check=True)
        assert files.bin.read_bytes() == copy.read_bytes()
    assert not list(elf.parent.glob(".*")), "nothing unfinished is left"


def test_programs_for_other_machines_are_refused(tmp_path: Path) -> None:
    elf = build(write_stub_model(tmp_path / "stub", "cortex-a53")).elf
    assert elf
    with pytest.raises(ImageError, match="not a linked program for Arm"):
        load_image(elf)
    for content in (b"", b"\x7fELF", b"\x7fELF" + bytes(60)):
        elf.write_bytes(content)
        with pytest.raises(ImageError, match=r"runner\.elf: not a"):
            load_image(elf)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="cannot be written: No such file"):
        write_files(image_at(BASE, b"abcd"), tmp_path / "nowhere" / "a.elf")


def test_the_boot_rom_of_the_rp2040_wants_its_second_stage() -> None:
    code = bytes(range(252))
    check_boot(image_at(BASE, code + struct.pack("<I", crc32_msb_first(code)), b"program"), "rp2040")
    with pytest.raises(ImageError, match="no second boot stage with a sound CRC at 0x10000000"):
        check_boot(image_at(BASE, code + bytes(4), b"program"), "rp2040")
    with pytest.raises(ImageError, match="no second boot stage"):
        check_boot(image_at(BASE, b"short"), "rp2040")


def test_the_boot_rom_of_the_rp2350_wants_a_block_loop() -> None:
    block = struct.pack("<II", BLOCK_START, 0x10210142) + struct.pack("<I", BLOCK_END)
    check_boot(image_at(BASE, bytes(0x140) + block), "rp2350-arm-s")
    for data in (bytes(0x140), bytes(4096) + block, struct.pack("<I", BLOCK_START)):
        with pytest.raises(ImageError, match="no IMAGE_DEF in the first 4096 bytes"):
            check_boot(image_at(BASE, data), "rp2350-arm-s")
