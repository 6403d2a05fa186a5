"""Reading linked programs: section sizes and the addresses of functions."""

from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

_WRITE, _ALLOC = 0x1, 0x2


@dataclass(frozen=True)
class SectionSizes:
    """Bytes by what they cost: text and rodata lie in flash, bss in RAM, data in both."""

    text: int
    rodata: int
    data: int
    bss: int

    @property
    def flash_bytes(self) -> int:
        return self.text + self.rodata + self.data

    @property
    def ram_bytes(self) -> int:
        return self.data + self.bss


def section_sizes(elf: Path) -> SectionSizes:
    """Sizes of the allocated sections of `elf`."""
    text = rodata = data = bss = 0
    with elf.open("rb") as stream:
        for section in ELFFile(stream).iter_sections():
            flags, size = section["sh_flags"], section["sh_size"]
            if not flags & _ALLOC:
                continue
            if section["sh_type"] == "SHT_NOBITS":
                bss += size
            elif flags & _WRITE:
                data += size
            elif flags & 0x4:
                text += size
            else:
                rodata += size
    return SectionSizes(text, rodata, data, bss)


@dataclass(frozen=True)
class Function:
    """A function's code: [address, address + bytes)."""

    name: str
    address: int
    bytes: int

    @property
    def end(self) -> int:
        return self.address + self.bytes


def functions(elf: Path) -> list[Function]:
    """All functions of `elf`, aliases included, by address; the Thumb bit is cleared."""
    found = []
    with elf.open("rb") as stream:
        file = ELFFile(stream)
        thumb = 1 if file["e_machine"] == "EM_ARM" else 0
        table = file.get_section_by_name(".symtab")
        for symbol in table.iter_symbols() if isinstance(table, SymbolTableSection) else ():
            if symbol["st_info"]["type"] == "STT_FUNC" and symbol["st_shndx"] != "SHN_UNDEF":
                found.append(Function(symbol.name, symbol["st_value"] & ~thumb, symbol["st_size"]))
    return sorted(found, key=lambda item: (item.address, item.name))


def function(elf: Path, name: str) -> Function | None:
    """The function called `name`, or None."""
    return next((item for item in functions(elf) if item.name == name), None)


def symbol_address(elf: Path, name: str) -> int | None:
    """The address of the function or object called `name`, or None."""
    with elf.open("rb") as stream:
        table = ELFFile(stream).get_section_by_name(".symtab")
        found = table.get_symbol_by_name(name) if isinstance(table, SymbolTableSection) else None
        return int(found[0]["st_value"]) if found else None
