"""How far one instruction moves the stack pointer, for Thumb, A32, A64 and x86-64 as objdump prints them."""

import re

from edgewright.build.disassembly import Instruction

_REGISTER_BYTES = {"r": 4, "s": 4, "d": 8, "q": 16}
_PRE = re.compile(r"\[sp, #-(\d+)\]!")
_POST = re.compile(r"\[sp\], #(\d+)")
_ADJUST = re.compile(r"^sp, (?:sp, )?#(0x[0-9a-f]+|\d+)(?:, lsl #(\d+))?$")
_X86_ADJUST = re.compile(r"^\$(0x[0-9a-f]+),%rsp$")


class UnknownChangeError(Exception):
    """The stack pointer moves by an amount that the instruction alone does not tell."""


def stack_change(instruction: Instruction) -> int:
    """Bytes that the stack grows by; negative when it shrinks.

    Raises:
        UnknownChangeError: it depends on a register.
    """
    base, operands = instruction.base, instruction.operands
    if base in ("push", "vpush"):
        return list_bytes(operands) if "{" in operands else 8
    if base in ("pop", "vpop"):
        return -list_bytes(operands) if "{" in operands else -8
    if operands.startswith("sp!,"):
        size = list_bytes(operands)
        return size if base in ("stmdb", "vstmdb") else -size
    if match := _PRE.search(operands):
        return int(match[1])
    if match := _POST.search(operands):
        return -int(match[1])
    if operands.startswith("sp,") and base in ("sub", "subw", "add", "addw"):
        match = _ADJUST.match(operands)
        if not match:
            raise UnknownChangeError
        size = int(match[1], 0) << int(match[2] or 0)
        return size if base.startswith("sub") else -size
    if operands.startswith("sp,") and base in ("mov", "ldr", "and", "bic"):
        raise UnknownChangeError
    if base in ("sub", "add") and (match := _X86_ADJUST.match(operands)):
        size = int(match[1], 16)
        return size if base == "sub" else -size
    return 0


def list_bytes(operands: str) -> int:
    """Bytes of a register list: 16 for `{r4, r5, r6, lr}`, 64 for `{d8-d15}`."""
    return sum(count * size for count, size in _registers(operands))


def list_length(operands: str) -> int:
    """Registers in a register list."""
    return sum(count for count, _ in _registers(operands))


def _registers(operands: str) -> list[tuple[int, int]]:
    """Count and size in bytes of each item of a register list."""
    found = []
    for item in operands[operands.index("{") + 1 : operands.index("}")].split(","):
        first, _, last = item.strip().partition("-")
        kind = first[0] if re.fullmatch(r"[rsdq]\d+", first) else "r"
        count = _number(last) - _number(first) + 1 if last else 1
        found.append((count, _REGISTER_BYTES[kind]))
    return found


_NAMED = {"sb": 9, "sl": 10, "fp": 11, "ip": 12, "sp": 13, "lr": 14, "pc": 15}


def _number(register: str) -> int:
    return _NAMED[register] if register in _NAMED else int(register[1:])
