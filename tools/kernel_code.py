"""Measures the code of every kernel source with GCC and writes `runtime_c/code_bytes.toml`.

    python -m tools.kernel_code

Run it when a kernel's source is added or changed, with each compiler that the file names: it replaces what was measured
with those that are installed. The tests compare the file with what GCC makes of the sources, where it is one of them.
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

from edgewright.build.recipe import COMMON
from edgewright.build.tools import compiler_release, run_tool
from edgewright.emit.runtime_files import THREADS
from edgewright.kernels import all_kernels
from edgewright.kernels.code_bytes import LEVELS, measured_file, recorded
from edgewright.paths import data_folder
from edgewright.targets import Cpu, load_arch, own_targets

HEADER = """# Bytes of code and constants of each kernel source, [at -O2, at -Os]; by compiler and instruction sets.
# Written by `python -m tools.kernel_code`.
"""


def measured_cpus() -> list[Cpu]:
    """One CPU for each list of instruction sets: a microcontroller if there is one, else the first by name."""
    first: dict[tuple[str, ...], Cpu] = {}
    for cpu in sorted(own_targets()[0], key=lambda cpu: load_arch(cpu.arch).threads):
        first.setdefault(cpu.isas, cpu)
    return list(first.values())


def sources_for(cpu: Cpu) -> list[str]:
    """The sources of all kernels that the CPU may run, and of its threads, sorted."""
    found = {source for kernel in all_kernels() if kernel.isa in cpu.isas for source in kernel.sources}
    return sorted({*found, THREADS} if load_arch(cpu.arch).threads else found)


def code_bytes_of(source: str, cpu: Cpu, level: str, folder: Path) -> int:
    """Bytes of code and constants in the object file of one source."""
    runtime = data_folder("runtime_c")
    made = folder / f"{cpu.name}_{source.replace('/', '_')}{level}.o"
    includes = [f"-I{runtime / 'include'}", f"-I{runtime / 'src'}"]
    command = [cpu.compiler, *cpu.flags, *COMMON, level, *includes, "-c", str(runtime / "src" / source)]
    done = run_tool([*command, "-o", str(made)], cwd=folder)
    if done.returncode:
        sys.exit(f"{source} for {cpu.name} does not compile:\n{done.stderr}")
    with made.open("rb") as file:
        kept = [s for s in ELFFile(file).iter_sections() if s["sh_flags"] & SH_FLAGS.SHF_ALLOC]
        return sum(s["sh_size"] for s in kept if s["sh_type"] == "SHT_PROGBITS" and s.name != ".eh_frame")


def table(cpu: Cpu) -> dict[str, list[int]]:
    """Bytes of each source at every level."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        sources = sources_for(cpu)
        columns = [list(pool.map(lambda s, at=at: code_bytes_of(s, cpu, at, Path(folder)), sources)) for at in LEVELS]
    return {source: list(row) for source, *row in zip(sources, *columns, strict=True)}


def main() -> None:
    measured: dict[str, dict[str, dict[str, list[int]]]] = {}
    for cpu in measured_cpus():
        measured.setdefault(compiler_release(cpu.compiler), {})[" ".join(cpu.isas)] = table(cpu)
    parts = [HEADER]
    for compiler, tables in sorted((recorded() | measured).items()):
        for isas, rows in tables.items():
            lines = [f'"{source}" = {row}' for source, row in rows.items()]
            parts.append("\n".join([f'["{compiler}"."{isas}"]', *lines]) + "\n")
    measured_file().write_text("\n".join(parts), encoding="utf-8")
    print(f"{measured_file().name}: {sum(part.count(chr(10)) for part in parts)} lines")


if __name__ == "__main__":
    main()
