"""Functions that may be called through a pointer: those whose address an object file takes."""

from collections.abc import Iterable
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection
from elftools.elf.sections import SymbolTableSection

#: Relocations of calls and jumps, by machine; any other one that names a function takes its address.
#: Source: ELF for the Arm Architecture (IHI0044), for the Arm 64-bit Architecture (IHI0056), x86-64 psABI.
_CALLS = {
    "EM_ARM": {10, 28, 29, 30, 51, 102, 103, 40, 42, 138},
    "EM_AARCH64": {279, 280, 282, 283},
    "EM_X86_64": {4},
}


def address_taken(objects: Iterable[Path]) -> set[str]:
    """Names of the functions whose address is in a register or in data anywhere in `objects`, and of some data."""
    return {name for path in objects for name in _taken_in(path)}


def _taken_in(path: Path) -> set[str]:
    found = set()
    with path.open("rb") as stream:
        file = ELFFile(stream)
        calls = _CALLS.get(file["e_machine"], set())
        for section in file.iter_sections():
            if not isinstance(section, RelocationSection):
                continue
            about = file.get_section(section["sh_info"]).name
            symbols = file.get_section(section["sh_link"])
            if not about.startswith((".text", ".rodata", ".data")) or not isinstance(symbols, SymbolTableSection):
                continue
            for relocation in section.iter_relocations():
                if relocation["r_info_type"] in calls:
                    continue
                symbol = symbols.get_symbol(relocation["r_info_sym"])
                kind = symbol["st_info"]["type"]
                if kind == "STT_FUNC" or symbol["st_shndx"] == "SHN_UNDEF":
                    found.add(symbol.name)  # an undefined one has no type, and may be data
                elif kind == "STT_SECTION":
                    # A static function stands for itself in a section of its own.
                    name = file.get_section(symbol["st_shndx"]).name
                    found.add(name.removeprefix(".text.") if name.startswith(".text.") else "")
    return found - {""}
