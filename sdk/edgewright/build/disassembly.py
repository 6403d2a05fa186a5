"""The instructions of a linked program, as objdump prints them."""

import bisect
import re
from dataclasses import dataclass
from pathlib import Path

from edgewright.build.tools import run_tool, sibling
from edgewright.errors import ToolError

_LINE = re.compile(r"^\s*([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(\S+)(?:\s+(.*))?$")
_SYMBOL = re.compile(r"^([0-9a-f]+) <(.+)>:$")
_TARGET = re.compile(r"(?:^|[ ,])([0-9a-f]+) <[^>]+>$")
#: Arm's b, bl, beq.n, cbz, tbnz, the loop instructions le and wls, and those of x86.
_BRANCH = re.compile(r"(b|cb|tb|j|call|loop|le(tp)?$|wls)")
_COMMENT = re.compile(r"(?:^|\s+)(?:;|@|//|# ).*$")


@dataclass(frozen=True)
class Instruction:
    """One instruction; target: the address that it names as a branch target, else None."""

    address: int
    bytes: int
    mnemonic: str
    operands: str
    target: int | None

    @property
    def end(self) -> int:
        return self.address + self.bytes

    @property
    def base(self) -> str:
        """The mnemonic without width suffix and data type: `ldr` for `ldr.w`."""
        return self.mnemonic.partition(".")[0]


class Disassembly:
    """All code of a program, by address."""

    def __init__(self, text: str) -> None:
        self.instructions: dict[int, Instruction] = {}
        self.symbols: dict[str, int] = {}
        for line in text.splitlines():
            if match := _LINE.match(line):
                self._add(match)
            elif match := _SYMBOL.match(line):
                self.symbols.setdefault(match[2], int(match[1], 16))
        self._starts = sorted((address, name) for name, address in self.symbols.items())

    def _add(self, match: re.Match[str]) -> None:
        address, raw, mnemonic, operands = match.groups()
        operands = _COMMENT.sub("", operands or "").strip()
        target = _TARGET.search(operands) if _BRANCH.match(mnemonic) else None
        size = len(raw.replace(" ", "")) // 2
        self.instructions[int(address, 16)] = Instruction(
            int(address, 16), size, mnemonic, operands, int(target[1], 16) if target else None
        )

    def name_at(self, address: int) -> str:
        """The symbol that `address` lies behind."""
        index = bisect.bisect_right(self._starts, (address, "\U0010ffff")) - 1
        return self._starts[index][1] if index >= 0 else f"{address:#x}"


def disassemble(elf: Path, compiler: str) -> Disassembly:
    """The code of `elf`, by the objdump beside `compiler`.

    Raises:
        ToolError: objdump is missing or fails.
    """
    tool = sibling(compiler, "objdump")
    done = run_tool([tool, "-d", "--wide", str(elf)])
    if done.returncode:
        raise ToolError(f"{elf.name}: {tool} failed: {(done.stderr.splitlines() or ['no message'])[0]}; build again")
    return Disassembly(done.stdout)
