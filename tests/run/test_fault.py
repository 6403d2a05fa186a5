"""The words of a FAULT frame, in words for people."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from edgewright.build import build
from edgewright.build.elf import function
from edgewright.run.fault import describe_fault
from tests.harness.stub_model import write_stub_model

THUMB = 1 << 24
FORCED = 0x4000_0000


def payload(
    exception: int = 3, *, readable: int = 1, pc: int = 0x0800_0100, xpsr: int = THUMB, cfsr: int = 0,
    hfsr: int = FORCED, mmfar: int = 0, bfar: int = 0, cause: int = 0,
) -> bytes:  # fmt: skip
    frame = (1, 2, 3, 4, 12, 0x0800_0201, pc, xpsr) if readable else (0,) * 8
    status = (cfsr, hfsr, mmfar, bfar, cause)
    return struct.pack("<17I", exception, 0xFFFF_FFF9, 0x2000_0040, readable, *frame, *status)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            payload(cfsr=1 << 25),
            "division by zero: HardFault at pc 0x08000100, lr 0x08000201, cfsr 0x2000000, hfsr 0x4",
        ),
        (payload(6, cfsr=1 << 24), "unaligned access: UsageFault at pc"),
        (payload(cfsr=1 << 17, pc=0), "call of a null pointer: HardFault at pc 0x00000000, lr 0x08000201"),
        (payload(cfsr=1 << 17), "call of a pointer that is not to a function: HardFault"),
        (payload(cfsr=1 << 16), "undefined instruction: "),
        (payload(5, cfsr=1 << 15 | 1 << 9, bfar=0xD000_0000), "access to no memory, address 0xd0000000: BusFault at"),
        (payload(4, cfsr=1 << 7 | 1 << 1, mmfar=0x64), "access to forbidden memory, address 0x00000064: MemManage"),
        (payload(cfsr=1 << 10), "write to no memory, some instructions earlier: "),
        (payload(cfsr=1 << 4, readable=0, cause=1), "stack overflow: HardFault at sp 0x20000040, no stack frame, cfsr"),
        (payload(14, hfsr=0, cause=2), "a request did not end in its time: PendSV at pc 0x08000100"),
        (payload(hfsr=0, cause=3), "division by zero: HardFault at"),
        (payload(hfsr=0), "unaligned access, bad address or no instruction (this core does not tell which): HardFault"),
        (payload(hfsr=0, pc=0, xpsr=0), "call of a null pointer: HardFault"),
        (payload(hfsr=2), "unknown: HardFault"),
        (payload(11, hfsr=0), "exception 11 at pc"),
    ],
)
def test_a_fault_is_one_line_with_its_reason(words: bytes, said: str) -> None:
    text = describe_fault(words)
    assert text.startswith("the program faulted: ")
    assert said in text
    assert "\n" not in text


def test_a_report_of_another_length_is_told_all_the_same() -> None:
    assert describe_fault(b"") == "the program faulted"
    assert describe_fault(payload()[:-4]) == "the program faulted"


def test_places_are_named_by_their_function(tmp_path: Path) -> None:
    elf = build(write_stub_model(tmp_path / "stub", "cortex-m4")).elf
    assert elf
    run = function(elf, "stub_run")
    assert run
    text = describe_fault(payload(pc=run.address + 2), elf)
    assert f"pc {run.address + 2:#010x} (stub_run), lr 0x08000201, cfsr" in text
    assert "(" not in describe_fault(payload(cfsr=1 << 25, pc=run.address + 2), tmp_path / "gone.elf")
