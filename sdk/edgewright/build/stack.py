"""An upper bound of the stack: every path through the machine code of the linked program.

The walk follows branches and calls from one function and keeps how far the stack pointer has moved. It sees
assembly and library code as well as compiled C. GCC's own figure (-fstack-usage) is taken where it is
larger, or where a function moves the stack pointer in a way that the walk cannot follow. A call through a
pointer may reach every function whose address is taken, except the callers themselves: no kernel recurses.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from edgewright.build.disassembly import Disassembly, Instruction
from edgewright.build.stack_pointer import UnknownChangeError, stack_change

#: A Linux program reaches memcpy and memset of its C library through indirect stubs; what they may use.
LIBRARY_STUB_BYTES = 64
#: Where libgcc's division goes for a divisor of zero, which no kernel has; on Linux it raises a signal.
DIVISION_BY_ZERO = {"__aeabi_idiv0", "__aeabi_ldiv0"}
#: No function of ours comes near; a loop that pushes without end does.
_DEPTH_LIMIT = 1 << 24
_CALLS = {"bl", "blx", "call"}
_JUMPS = {"b", "b.n", "b.w", "bx", "br", "jmp"}
_RETURNS = {"ret", "udf", "bkpt", "brk"}


@dataclass(frozen=True)
class StackBound:
    """`bytes` that the root function and all it calls push; None when there is no bound, for which
    `problem` is the reason. path: the calls that need it, root first.
    """

    bytes: int | None
    path: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class _Use:
    bytes: int
    path: tuple[str, ...]


class _UnboundedError(Exception):
    """No bound; the text is the reason."""


def stack_bound(code: Disassembly, root: str, usage: dict[str, int | None], taken: Collection[str] = ()) -> StackBound:
    """The bound for calling `root`.

    usage: GCC's figures by function name, see `read_stack_usage`. taken: functions whose address is taken.
    """
    if root not in code.symbols:
        return StackBound(None, problem=f"no function {root}")
    try:
        use = _Walk(code, usage, taken).function(code.symbols[root])
    except _UnboundedError as reason:
        return StackBound(None, problem=str(reason))
    return StackBound(use.bytes, use.path)


def read_stack_usage(objects: Path) -> dict[str, int | None]:
    """Frame bytes by function name from the `.su` files in `objects`; None when not constant."""
    found: dict[str, int | None] = {}
    for path in sorted(objects.glob("*.su")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            place, size, kind = line.split("\t")
            name = place.rsplit(":", 1)[-1]
            value = None if kind == "dynamic" else int(size)
            known = found.get(name, 0)
            found[name] = None if value is None or known is None else max(value, known)
    return found


class _Walk:
    """Bounds of all functions met, each computed once."""

    def __init__(self, code: Disassembly, usage: dict[str, int | None], taken: Collection[str]) -> None:
        self._code = code
        self._usage = usage
        self._taken = [code.symbols[name] for name in sorted(taken) if name in code.symbols]
        self._known: dict[int, _Use] = {}
        self._open: list[int] = []

    def function(self, entry: int) -> _Use:
        """The bound of the function at `entry`."""
        if entry in self._known:
            return self._known[entry]
        name = self._code.name_at(entry)
        if "plt" in name or "*ABS*" in name:
            return _Use(LIBRARY_STUB_BYTES, (name,))
        if entry in self._open:
            raise _UnboundedError(f"{name} calls itself")
        self._open.append(entry)
        depths = self._depths(entry, name)
        declared = self._usage.get(re.sub(r"\.(constprop|isra|part|cold)\b.*", "", name), 0) or 0
        best = _Use(max([declared, *depths.values()]), (name,))
        for address, depth in depths.items():
            instruction = self._code.instructions[address]
            if not _is_call(instruction):
                continue
            around = self._code.name_at(address)  # not `name` behind a tail call
            callee = self._through_pointer(around) if instruction.target is None else self.function(instruction.target)
            if depth + callee.bytes >= best.bytes:
                best = _Use(depth + callee.bytes, (*dict.fromkeys((name, around)), *callee.path))
        self._open.pop()
        self._known[entry] = best
        return best

    def _through_pointer(self, caller: str) -> _Use:
        """The worst of what a call through a pointer may reach."""
        uses = [self.function(entry) for entry in self._taken if entry not in self._open]
        if not uses:
            raise _UnboundedError(f"{caller} calls through a pointer")
        return max(uses, key=lambda use: use.bytes)

    def _depths(self, entry: int, name: str) -> dict[int, int]:
        """The largest depth after each instruction that can be reached from `entry` without a call."""
        before = {entry: 0}
        after: dict[int, int] = {}
        todo = [entry]
        while todo:
            address = todo.pop()
            instruction = self._code.instructions.get(address)
            if instruction is None:
                raise _UnboundedError(f"{name} leaves the code at {address:#x}")
            try:
                depth = before[address] + stack_change(instruction)
            except UnknownChangeError:
                # A frame of constant size that GCC addresses in its own way, such as `mov sp, r7`.
                frame = self._usage.get(name)
                if frame is None:
                    raise _UnboundedError(f"{name} moves the stack pointer by '{instruction.mnemonic}'") from None
                depth = frame
            if depth > _DEPTH_LIMIT:
                raise _UnboundedError(f"{name} pushes in a loop")
            after[address] = max(depth, after.get(address, 0))
            for successor in self._successors(instruction, name):
                if depth > before.get(successor, -1):
                    before[successor] = depth
                    todo.append(successor)
        return after

    def _successors(self, instruction: Instruction, name: str) -> list[int]:
        if self._code.name_at(instruction.address) in DIVISION_BY_ZERO:
            return []
        if _is_call(instruction):
            return [instruction.end] if instruction.end in self._code.instructions else []
        if instruction.base in _RETURNS or _writes_pc(instruction):
            return []
        if instruction.base in ("tbb", "tbh"):
            return self._table(instruction, name)
        if instruction.mnemonic in _JUMPS:
            return [] if instruction.target is None else [instruction.target]
        follow = [instruction.end]
        return follow if instruction.target is None else [*follow, instruction.target]

    def _table(self, instruction: Instruction, name: str) -> list[int]:
        """Where a switch may go: anywhere later in its function."""
        places = [a for a in self._code.instructions if a >= instruction.end and self._code.name_at(a) == name]
        return [a for a in places if not self._code.instructions[a].mnemonic.startswith(".")]


def _is_call(instruction: Instruction) -> bool:
    return instruction.base in _CALLS or instruction.base == "blr"


def _writes_pc(instruction: Instruction) -> bool:
    """Returns by popping, and computed jumps (which C code does not have without a table)."""
    if instruction.base in ("pop", "ldmia", "ldm"):
        return "pc" in instruction.operands
    return instruction.base in ("mov", "ldr", "add") and instruction.operands.startswith("pc,")
