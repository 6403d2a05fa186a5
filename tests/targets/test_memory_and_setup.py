"""Where parts of a program go, and what is written into registers before a UART is used."""

from __future__ import annotations

import dataclasses
import struct
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile

from edgewright.build import build
from edgewright.build.board_files import board_header, linker_script
from edgewright.build.elf import function
from edgewright.run import open_runner
from edgewright.targets import Holds, Memory, Pins, Region, Step, load_board
from tests.harness.stub_model import stub_inputs, stub_reference, write_stub_model

BOARD = load_board("mps3-an547")
#: The tightly coupled memories of the AN547, at their secure addresses, and SRAM.
ITCM, DTCM, SRAM = 0x1000_0000, 0x3000_0000, 0x3100_0000
TEXT = """summary = "an547 with its tightly coupled memories"
cpu = "cortex-m55"
clock_hz = 25_000_000
stack_bytes = 4096
emulator_machine = "mps3-an547"
vectors_base = 0x0000_0000
flash = { base = 0x1100_0000, bytes = 0x20_0000 }
ram = { base = 0x3100_0000, bytes = 0x40_0000 }
uart = { driver = "cmsdk", base = 0x5930_3000, irq = 33, clock_hz = 25_000_000 }
[[memory]]
name = "dtcm"
base = 0x3000_0000
bytes = BYTES
holds = ["stack", "arena"]
[[memory]]
name = "itcm"
base = 0x1000_1000
bytes = 0x7_F000
holds = ["weights"]
"""


def sections(elf: Path) -> dict[str, tuple[int, int]]:
    """Address and bytes of every section that is loaded."""
    with elf.open("rb") as stream:
        return {one.name: (one["sh_addr"], one["sh_size"]) for one in ELFFile(stream).iter_sections() if one["sh_addr"]}


def memory(**change: Any) -> Memory:
    return dataclasses.replace(Memory(DTCM, 0x8000, name="dtcm", holds=(Holds.STACK, Holds.ARENA)), **change)


# ---- memory ----


@pytest.mark.parametrize(("room", "arena"), [("0x8_0000", DTCM), ("0x1010", SRAM)], ids=["with room", "without"])
def test_parts_go_where_the_board_says_and_run_there(
    room: str, arena: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "boards").mkdir()
    (tmp_path / "boards" / "mine.toml").write_text(TEXT.replace("BYTES", room))
    monkeypatch.setenv("EDGEWRIGHT_TARGETS", str(tmp_path))
    directory = write_stub_model(tmp_path / "stub", "cortex-m55", "mine")
    built = build(directory)
    assert built.minimal_elf
    found = sections(built.minimal_elf)
    assert found[".weights"][0] == 0x1000_1000
    assert found[".weights"][1] >= 100
    assert (found[".arena"][0] if arena == DTCM else found[".bss"][0]) & 0xFF00_0000 == arena
    assert (".arena" in found) == (arena == DTCM)
    inputs = stub_inputs(1)
    with open_runner(directory, "emulator") as runner:
        last, _ = runner.infer(inputs)
        assert last.tobytes() == stub_reference(inputs)[2].tobytes()


def test_an_arena_takes_the_first_memory_with_room_else_ram() -> None:
    board = dataclasses.replace(BOARD, stack_bytes=4096, memory=(memory(), memory(base=0x3008_0000, name="more")))
    board = dataclasses.replace(board, memory=(board.memory[0], dataclasses.replace(board.memory[1], holds=())))
    assert board.arena_memory(0x7000) == board.memory[0]
    assert board.arena_memory(0x7001) == board.ram
    assert board.arena_room_bytes == board.ram.bytes - 16
    assert board.ram_bytes == board.ram.bytes + 0x8000
    assert "ARENA (rw) : ORIGIN = 0x30001000, LENGTH = 28672" in linker_script(board, 0x7000)
    assert "ARENA" not in linker_script(board, 0x7001)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"memory": (memory(base=BOARD.ram.base),)}, "ram and dtcm overlap"),
        ({"memory": (memory(name=""),)}, "memory at 0x30000000 has no name"),
        ({"memory": (memory(holds=(Holds.WEIGHTS, Holds.ARENA)),)}, "holds weights, which are never written"),
        ({"memory": (memory(), memory(base=0x3010_0000, name="two"))}, "two memories hold the stack"),
        ({"memory": (memory(), memory(base=0x3010_0000, holds=()))}, "two memories are called 'dtcm'"),
        ({"memory": (memory(bytes=4096),)}, "stack_bytes 8192 must be"),
        ({"memory_bytes": 1}, "memory_bytes is for Linux machines"),
        ({"ram": Region(0, 0)}, "needs flash, ram and stack_bytes"),
        ({"boot": ("nothing.S",)}, "boot 'nothing.S' is no file of"),
    ],
)
def test_memory_that_cannot_be_is_refused(change: dict[str, Any], message: str) -> None:
    problems = dataclasses.replace(BOARD, **change).problems()
    assert len(problems) == 1
    assert message in problems[0]


# ---- setup ----


def written(registers: dict[int, int], steps: tuple[Step, ...] | list[Step]) -> dict[int, int]:
    """What the registers hold after the steps."""
    for step in steps:
        if not step.wait:
            registers[step.register] = registers.get(step.register, 0) & ~step.clear | step.set
    return registers


@pytest.mark.parametrize(
    ("pins", "wanted"),
    [
        # Values worked out by hand from the manuals: MODER, PUPDR, AFRL of port A, PA2 and PA3, AF7.
        (
            Pins("stm32", 0x4002_0000, "PA2", "PA3", 7),
            {0x4002_0000: 0xA0, 0x4002_000C: 0x40, 0x4002_0020: 0x7700},
        ),
        # AFRH of port D, PD8 and PD9.
        (
            Pins("stm32", 0x5802_0000, "PD8", "PD9", 7),
            {0x5802_0C00: 0xA_0000, 0x5802_0C0C: 0x4_0000, 0x5802_0C24: 0x77},
        ),
        (Pins("stm32f1", 0x4001_0800, "PA9", "PA10"), {0x4001_0804: 0x8A0, 0x4001_080C: 0x400}),
        (
            Pins("nrf", 0x5000_0500, "P0.06", "P1.08"),
            {0x5000_0508: 0x40, 0x5000_0518: 0x40, 0x5000_0A20: 0xC},
        ),
        (
            Pins("rp2040", 0x4001_4000, "GPIO0", "GPIO1", 2),
            {0x4001_4004: 2, 0x4001_C004: 0x40, 0x4001_400C: 2, 0x4001_C008: 0x40},
        ),
        (
            Pins("rp2350", 0x4002_8000, "GPIO0", "GPIO1", 2),
            {0x4002_8004: 2, 0x4003_8004: 0x40, 0x4002_800C: 2, 0x4003_8008: 0x40},
        ),
        (Pins("stellaris", 0x4000_4000, "PA1", "PA0"), {0x4000_4420: 3, 0x4000_451C: 3}),
    ],
    ids=lambda value: value.controller + value.tx if isinstance(value, Pins) else "",
)
def test_pins_are_routed(pins: Pins, wanted: dict[int, int]) -> None:
    assert pins.problems() == []
    assert written({}, pins.steps()) == wanted


@pytest.mark.parametrize(
    ("pins", "message"),
    [
        (Pins("stm33", 0, "PA2", "PA3", 7), "pins controller 'stm33' is none of stm32, "),
        (Pins("stm32", 0, "PA16", "PA3", 7), "tx pin 'PA16' is not of the form PA2"),
        (Pins("nrf", 0, "P0.02", "P2.01"), "rx pin 'P2.01' is not of the form P0.24"),
        (Pins("stm32", 0, "PA2", "PA2", 7), "tx and rx are both pin 'PA2'"),
        (Pins("stm32", 0, "PA2", "PA3"), "needs a function from 0 to 15, not -1"),
        (Pins("nrf", 0, "P0.02", "P1.01", 7), "has no functions; leave out function 7"),
    ],
)
def test_pins_that_cannot_be_are_refused(pins: Pins, message: str) -> None:
    assert [message in problem for problem in pins.problems()] == [True]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Step(2, set=1), "no address of a 32-bit register"),
        (Step(4, set=1 << 32), "must have 32 bits"),
        (Step(4), "does nothing"),
        (Step(4, set=1, wait=1), "either waits, or writes"),
        (Step(4, wait=1, wait_for=3), "wait_for 0x3 has bits that wait 0x1 leaves out"),
    ],
)
def test_steps_that_cannot_be_are_refused(step: Step, message: str) -> None:
    assert [message in problem for problem in step.problems()] == [True]


def test_a_clock_that_nothing_sets_is_refused() -> None:
    """An STM32F4 resets to 16 MHz: with 84 MHz in its file alone it answers at another baud rate."""
    board = load_board("netduinoplus2")
    assert board.problems() == []
    assert dataclasses.replace(board, setup=()).problems() == [
        "clock_hz 168000000, and 16000000 after a reset: nothing changes it; "
        "give setup steps or init, or clock_hz = 16000000"
    ]
    fast = dataclasses.replace(board, clock_hz=200_000_000).problems()
    assert fast == ["clock reset_hz 16000000 and max_hz 168000000 do not go with clock_hz 200000000"]


@pytest.mark.parametrize(
    "name", ["nucleo-f446re", "nucleo-f411re", "stm32f4-discovery", "netduinoplus2", "nucleo-f746zg"]
)
def test_the_plls_of_f4_and_f7_give_the_clock_that_is_said(name: str) -> None:
    """RCC_PLLCFGR and RCC_CFGR, decoded as the manual says, from their values after a reset."""
    board = load_board(name)
    registers = written({0x4002_3804: 0x2400_3010}, board.setup)
    pll, config = registers[0x4002_3804], registers[0x4002_3808]
    assert pll >> 22 & 1 == 0, "from HSI"
    vco = 16_000_000 // (pll & 0x3F) * (pll >> 6 & 0x1FF)
    assert 100_000_000 <= vco <= 432_000_000
    core = vco // (2 * (pll >> 16 & 3) + 2)
    dividers = {0: 1, 4: 2, 5: 4}
    apb1, apb2 = core // dividers[config >> 10 & 7], core // dividers[config >> 13 & 7]
    assert board.uart
    assert (core, apb2 if board.uart.name == "USART1" else apb1) == (board.clock_hz, board.uart.clock_hz)
    waits = registers[0x4002_3C00] & 0xF
    assert waits == board.flash_timing.wait_states
    assert waits >= -(-core // 34_000_000) - 1, "at most 33.3 MHz a wait state, at 2.7 V"


@pytest.mark.parametrize(
    ("name", "bits"), [("nucleo-l476rg", 3), ("b-l475e-iot01a", 3), ("nucleo-l4r5zi", 4), ("nucleo-g071rb", 3)]
)
def test_the_plls_of_l4_and_g0_give_the_clock_that_is_said(name: str, bits: int) -> None:
    board = load_board(name)
    pll = written({}, board.setup)[0x4002_100C]
    assert pll & 3 == 2, "from HSI16"
    vco = 16_000_000 // ((pll >> 4 & (1 << bits) - 1) + 1) * (pll >> 8 & 0x7F)
    divider = (pll >> 29 & 7) + 1 if name.startswith("nucleo-g0") else 2 * (pll >> 25 & 3) + 2
    assert board.uart
    assert vco // divider == board.clock_hz == board.uart.clock_hz


@pytest.mark.parametrize(("name", "base"), [("pico", 0x4002_8000), ("pico2", 0x4005_0000)])
def test_the_plls_of_the_picos_give_the_clock_that_is_said(name: str, base: int) -> None:
    board = load_board(name)
    registers = written({}, board.setup)
    vco = 12_000_000 // registers[base] * registers[base + 8]
    assert 750_000_000 <= vco <= 1_600_000_000
    assert vco // (registers[base + 12] >> 16 & 7) // (registers[base + 12] >> 12 & 7) == board.clock_hz


def test_steps_reach_the_registers_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words of RAM that nothing else uses stand for registers; the model looks at them."""
    (tmp_path / "boards").mkdir()
    text = load_board("mps2-an386").file.read_text()
    steps = [
        Step(0x2030_0000, set=0x0F0F_0000, clear=0xFFFF_FFFF),
        Step(0x2030_0000, set=0x1, clear=0x0F00_0000),
        Step(0x2030_0000, wait=0x3, wait_for=1),
        Step(0x2030_0000, wait=0x2),  # never: ends by itself
        Step(0x2030_0004, set=0x55),
    ]
    for step in steps:
        values = {key: getattr(step, key) for key in ("register", "set", "clear", "wait", "wait_for")}
        text += "\n[[setup]]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())
    (tmp_path / "boards" / "mine.toml").write_text(text)
    monkeypatch.setenv("EDGEWRIGHT_TARGETS", str(tmp_path))
    check = "if (*(volatile uint32_t *)0x20300000 != 0x000F0001 || *(volatile uint32_t *)0x20300004 != 0x55) return 7;"
    directory = write_stub_model(tmp_path / "stub", "cortex-m4", "mine", run_first=check)
    built = build(directory)
    assert built.elf
    assert function(built.elf, "ew_board_setup")
    with open_runner(directory, "emulator") as runner:
        runner.infer(stub_inputs(1))


def test_a_header_says_what_drivers_are_compiled_with() -> None:
    header = board_header(load_board("microbit-v2"))
    assert "#define EW_UART_TX_PIN 6u\n#define EW_UART_RX_PIN 40u\n" in header
    assert "{0x40000000u, 0x00000001u, 0xffffffffu, 0x00000000u, 0x00000000u}, \\\n" in header
    assert "EW_BOARD_STEPS" not in board_header(load_board("mps2-an386"))


# ---- what a boot ROM wants ----


def crc32_of_rp2040(data: bytes) -> int:
    """CRC-32 with polynomial 0x04C11DB7, from all ones, not reflected. Source: RP2040 Datasheet, 2.8.1.3.1."""
    crc = 0xFFFF_FFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C1_1DB7 if crc >> 31 else 0)) & 0xFFFF_FFFF
    return crc


def flash_image(elf: Path, base: int) -> bytes:
    """The first 4 KB of the flash at `base`."""
    image = bytearray(4096)
    with elf.open("rb") as stream:
        for one in ELFFile(stream).iter_sections():
            offset = one["sh_addr"] - base
            if one["sh_type"] == "SHT_PROGBITS" and one["sh_flags"] & 2 and 0 <= offset < 4096:
                image[offset : offset + one["sh_size"]] = one.data()
    return bytes(image[:4096])


def test_the_pico_starts_with_a_second_stage_whose_checksum_is_right(tmp_path: Path) -> None:
    built = build(write_stub_model(tmp_path / "stub", "cortex-m0plus", "pico"))
    assert built.elf
    image = flash_image(built.elf, 0x1000_0000)
    assert crc32_of_rp2040(b"123456789") == 0x0376_E6E7
    assert struct.unpack_from("<I", image, 252) == (crc32_of_rp2040(image[:252]),)
    stack, reset = struct.unpack_from("<II", image, 256)
    assert stack == 0x2000_1000
    entry = function(built.elf, "ew_reset")
    assert entry
    assert reset == entry.address | 1


def test_the_pico_2_has_an_image_definition_in_its_first_4_kb(tmp_path: Path) -> None:
    built = build(write_stub_model(tmp_path / "stub", "cortex-m33", "pico2"))
    assert built.elf
    image = flash_image(built.elf, 0x1000_0000)
    assert struct.unpack_from("<I", image) == (0x2000_1000,), "the vectors come first"
    # Source: RP2350 Datasheet, 5.9.5.1 "Minimum Arm IMAGE_DEF".
    block = struct.pack("<5I", 0xFFFF_DED3, 0x1021_0142, 0x0000_01FF, 0, 0xAB12_3579)
    assert image.find(block) > 0
    assert image.find(block) % 4 == 0
