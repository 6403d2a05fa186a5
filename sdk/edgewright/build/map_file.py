"""Reading a GNU ld map: how much of a program comes from which object."""

import re
from pathlib import Path

_INPUT = re.compile(r"^ (?P<section>[.\w]\S*)?\s+0x(?P<address>[0-9a-f]+)\s+0x(?P<size>[0-9a-f]+)(?: (?P<file>\S.*))?$")
_OUTPUT = re.compile(r"^(?P<section>[.\w]\S*)(?:\s+0x[0-9a-f]+\s+0x[0-9a-f]+)?")
_FLASH = (
    ".vectors",
    ".text",
    ".rodata",
    ".data",
    ".init",
    ".fini",
    ".eh_frame",
    ".init_array",
    ".fini_array",
    ".data.rel.ro",
)
_RAM = (".data", ".bss", ".data.rel.ro")


def part_sizes(path: Path, parts: dict[str, str]) -> dict[str, dict[str, int]]:
    """`flash` and `ram` bytes by part, after garbage collection.

    parts: the part of each object file name; what comes from elsewhere is "library".
    """
    sizes = {part: {"flash": 0, "ram": 0} for part in (*dict.fromkeys(parts.values()), "library")}
    text = path.read_text(encoding="utf-8", errors="replace")
    body = text.partition("Linker script and memory map")[2]
    output = ""
    for line in _joined(body):
        if line[:1] not in (" ", ""):
            match = _OUTPUT.match(line)
            output = match["section"] if match else ""
            continue
        match = _INPUT.match(line)
        if not match or not match["file"]:
            continue
        part = sizes[parts.get(Path(match["file"]).name, "library")]
        size = int(match["size"], 16)
        if output in _FLASH:
            part["flash"] += size
        if output in _RAM:
            part["ram"] += size
    return sizes


def _joined(body: str) -> list[str]:
    """Lines, with long section names (which stand on a line of their own) joined to what follows."""
    lines: list[str] = []
    for line in body.splitlines():
        if lines and re.fullmatch(r" ?[.\w]\S*", lines[-1]) and re.match(r"\s+0x", line):
            lines[-1] += line
        else:
            lines.append(line)
    return lines
