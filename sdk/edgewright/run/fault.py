"""What a program says when it faults (`targets/support/fault.c`), in words."""

import struct
from pathlib import Path

from edgewright.build.elf import functions

_WORDS = struct.Struct("<17I")
_EXCEPTIONS = {2: "NMI", 3: "HardFault", 4: "MemManage", 5: "BusFault", 6: "UsageFault", 7: "SecureFault", 14: "PendSV"}
_OVERFLOW, _DEADLINE, _DIVISION = 1, 2, 3
_CAUSES = {
    _OVERFLOW: "stack overflow",
    _DEADLINE: "a request did not end in its time",
    _DIVISION: "division by zero",
}
#: Bits of CFSR. Source: Armv7-M Architecture Reference Manual (DDI0403), B3.2.15.
_REASONS = {
    25: "division by zero",
    24: "unaligned access",
    19: "floating point instruction without the unit",
    18: "broken return from an exception",
    17: "call of a pointer that is not to a function",
    16: "undefined instruction",
    10: "write to no memory, some instructions earlier",
    9: "access to no memory, address {bfar:#010x}",
    8: "execution where there is no memory",
    1: "access to forbidden memory, address {mmfar:#010x}",
    0: "execution of forbidden memory",
}
_INVALID_STATE = 17
_THUMB = 1 << 24


def describe_fault(payload: bytes, program: Path | None = None) -> str:
    """One line from the words of a FAULT frame; `program`: the ELF that runs, to name the functions."""
    if len(payload) != _WORDS.size:
        return "the program faulted"
    exception, _, stack_pointer, readable, *rest = _WORDS.unpack(payload)
    lr, pc, xpsr = rest[5:8]
    cfsr, hfsr, mmfar, bfar, cause = rest[8:]
    reason = _CAUSES.get(cause) or _reason(cfsr, hfsr, readable, pc, xpsr).format(mmfar=mmfar, bfar=bfar)
    name = _EXCEPTIONS.get(exception, f"exception {exception}")
    place = f"pc {_place(pc, program)}, lr {_place(lr, program)}"
    if not readable:
        place = f"sp {stack_pointer:#010x}, no stack frame"
    return f"the program faulted: {reason}: {name} at {place}, cfsr {cfsr:#x}, hfsr {hfsr:#x}"


def _reason(cfsr: int, hfsr: int, readable: int, pc: int, xpsr: int) -> str:
    if not cfsr and readable and not xpsr & _THUMB:
        cfsr = 1 << _INVALID_STATE  # Armv6-M has no CFSR
    found = next((text for bit, text in _REASONS.items() if cfsr >> bit & 1), "")
    if cfsr >> _INVALID_STATE & 1 and pc == 0 and readable:
        return "call of a null pointer"
    if found:
        return found
    return "unknown" if hfsr else "unaligned access, bad address or no instruction (this core does not tell which)"


def _place(address: int, program: Path | None) -> str:
    """The address, and the function around it."""
    shown = f"{address:#010x}"
    if program is None or not program.is_file():
        return shown
    around = next((one for one in functions(program) if one.address <= address & ~1 < one.end), None)
    return f"{shown} ({around.name})" if around else shown
