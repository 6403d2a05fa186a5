"""From a generated directory to programs: sizes, stack bound, reproducibility, and what goes wrong."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from edgewright.artifact import read_manifest
from edgewright.build import build, builder, load_result
from edgewright.build.board_files import BOARD_HEADER, board_header
from edgewright.build.disassembly import disassemble
from edgewright.build.elf import functions
from edgewright.build.map_file import part_sizes
from edgewright.build.stack import stack_bound
from edgewright.errors import BudgetError, ToolError, UsageError
from edgewright.paths import data_folder
from edgewright.run import open_runner
from edgewright.targets import cpu_names, load_board, load_cpu
from tests.harness.emulated import EMULATED_BOARDS
from tests.harness.stub_model import stub_inputs, write_stub_model

CORTEX_M = [name for name in cpu_names() if load_cpu(name).arch == "cortex-m"]
LINUX = [name for name in cpu_names() if load_cpu(name).arch == "linux"]
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror", "-fsyntax-only"]


@pytest.mark.parametrize("cpu", CORTEX_M)
def test_sizes_are_those_of_the_minimal_program(cpu: str, tmp_path: Path) -> None:
    result = build(write_stub_model(tmp_path / "stub", cpu))
    assert result.elf
    assert result.minimal_elf
    assert result.library is None
    size = subprocess.run(["arm-none-eabi-size", str(result.minimal_elf)], capture_output=True, text=True, check=True)
    text, data, bss = (int(word) for word in size.stdout.splitlines()[1].split()[:3])
    assert (result.flash_bytes, result.ram_bytes) == (text + data, data + bss)
    assert sum(part["flash"] for part in result.parts.values()) == pytest.approx(result.flash_bytes, abs=16)
    assert result.parts["weights"]["flash"] == 464 + 112, "weights, biases and multipliers of three layers"
    assert 48 <= result.ram_bytes <= 80, "the arena, and nothing else of size"
    names = {item.name for item in functions(result.minimal_elf)}
    assert {"ew_reset", "main", "stub_run", "ew_fc_s8"} <= names
    assert not {name for name in names if name.startswith(("ew_runner", "ew_uart", "ew_port"))}


@pytest.mark.parametrize("board", EMULATED_BOARDS)
def test_the_stack_bound_holds_and_is_close(board: str, tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", load_board(board).cpu, board)
    result = build(directory)
    assert result.elf
    assert result.stack_problem == ""
    assert result.stack_path[:2] == ("ew_reset", "main")
    compiler = read_manifest(directory).target.cpu.compiler
    bound = stack_bound(disassemble(result.elf, compiler), "ew_model_run", {}).bytes
    assert bound
    with open_runner(directory, "emulator") as runner:
        runner.infer(stub_inputs(1))
        used = runner.last_cost.stack_bytes
    assert used
    assert bound - 8 <= used <= bound
    assert result.stack_bytes
    assert bound < result.stack_bytes < bound + 64


def test_the_walk_agrees_with_gcc(tmp_path: Path) -> None:
    """Frames of the runner's own C files, as -fstack-usage gives them, against the machine code."""
    directory = write_stub_model(tmp_path / "stub", "cortex-m4")
    result = build(directory)
    assert result.elf
    code = disassemble(result.elf, "arm-none-eabi-gcc")
    runner = data_folder("runtime_c") / "runner"
    usage = {}
    for source in ("ew_frame.c", "ew_crc32.c"):
        command = ["arm-none-eabi-gcc", *load_cpu("cortex-m4").flags, "-std=c99", "-Os", "-fstack-usage"]
        command += [f"-I{runner}", "-c", str(runner / source), "-o", str(tmp_path / "x.o")]
        subprocess.run(command, check=True)
        for line in (tmp_path / "x.su").read_text().splitlines():
            place, size, _ = line.split("\t")
            usage[place.rsplit(":", 1)[-1]] = int(size)
    assert stack_bound(code, "ew_crc32", {}).bytes == usage["ew_crc32"]
    assert stack_bound(code, "ew_frame_send", {}).bytes == usage["ew_frame_send"] + max(
        stack_bound(code, name, {}).bytes or 0 for name in ("ew_crc32", "ew_port_write")
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("void (*volatile f)(void) = 0; f();", "stub_run calls through a pointer"),
        ('if (self->arena[0]) { stub_run(self); } __asm__ volatile("");', "stub_run calls itself"),
    ],
    ids=["pointer", "recursion"],
)
def test_what_has_no_bound_says_why(body: str, problem: str, tmp_path: Path) -> None:
    result = build(write_stub_model(tmp_path / "stub", "cortex-m3", run_first=body))
    assert (result.stack_bytes, result.stack_problem) == (None, problem)


@pytest.mark.parametrize("cpu", ["cortex-m0plus", "arm1176jzf-s"])
def test_a_division_by_a_routine_of_the_compiler_has_a_bound(cpu: str, tmp_path: Path) -> None:
    """What the routine does when the divisor is zero does not count: on Linux it ends in the C library."""
    body = "volatile int divisor = 3; self->arena[0] = (signed char)(self->arena[0] / divisor);"
    result = build(write_stub_model(tmp_path / "stub", cpu, run_first=body))
    assert result.stack_bytes, result.stack_problem


@pytest.mark.parametrize("cpu", LINUX)
def test_a_linux_program_counts_without_its_c_library(cpu: str, tmp_path: Path) -> None:
    result = build(write_stub_model(tmp_path / "stub", cpu))
    assert result.elf
    assert result.minimal_elf
    assert 1000 < result.flash_bytes < 4000
    assert result.parts["library"]["flash"] > 100_000
    assert result.stack_bytes


def test_the_host_gets_a_library(tmp_path: Path) -> None:
    result = build(write_stub_model(tmp_path / "stub", "x86-64"))
    assert result.library
    assert (result.elf, result.minimal_elf) == (None, None)
    assert result.stack_bytes


@pytest.mark.parametrize("cpu", ["cortex-m4", "cortex-a53", "x86-64"])
def test_the_same_model_gives_the_same_bytes_in_any_folder(cpu: str, tmp_path: Path) -> None:
    results = [build(write_stub_model(tmp_path / where / "stub", cpu)) for where in ("here", "far/away/from/there")]
    for first, second in zip(*[(r.elf, r.minimal_elf, r.library) for r in results], strict=True):
        if first and second:
            assert first.read_bytes() == second.read_bytes()
            assert str(tmp_path).encode() not in first.read_bytes()
            assert str(data_folder("runtime_c").parent).encode() not in first.read_bytes()


def test_nothing_is_built_twice_and_every_change_is_seen(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m4")
    first = build(directory)
    assert first.elf
    stamp = first.elf.stat().st_mtime_ns
    assert build(directory) == first == load_result(directory)
    assert first.elf.stat().st_mtime_ns == stamp
    header = directory / "stub.h"
    header.write_text(header.read_text().replace("STUB_ARENA_BYTES   48", "STUB_ARENA_BYTES   64"))
    assert build(directory).ram_bytes == first.ram_bytes + 16
    first.elf.unlink()
    assert build(directory).elf == first.elf
    assert first.elf.exists()


def test_a_failed_build_leaves_the_last_one(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m4")
    first = build(directory)
    source = directory / "stub.c"
    source.write_text(source.read_text() + "\nint broken = ;\n")
    with pytest.raises(ToolError, match=r"stub\.c: arm-none-eabi-gcc failed: .*error: expected expression"):
        build(directory)
    assert load_result(directory) == first
    assert sorted(p.name for p in directory.iterdir() if p.name.startswith(".")) == []


def test_a_missing_symbol_is_named_without_paths_of_the_toolchain(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m4", run_first="extern void absent(void); absent();")
    with pytest.raises(ToolError, match=r"linking runner\.elf failed: .*undefined reference to .absent'") as caught:
        build(directory)
    assert "/ld:" not in str(caught.value)


def test_a_program_too_large_for_its_board_is_a_budget_error(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m0plus", "microbit")
    header = directory / "stub.h"
    header.write_text(header.read_text().replace("STUB_ARENA_BYTES   48", "STUB_ARENA_BYTES   20000"))
    with pytest.raises(BudgetError, match=r"stub on microbit: minimal\.elf exceeds RAM by 5,\d\d\d bytes"):
        build(directory)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m4")
    directory.chmod(0o500)
    with pytest.raises(UsageError, match="stub: cannot be written: Permission denied"):
        build(directory)


def test_a_full_disk_leaves_the_last_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m4")
    last = build(directory)
    (directory / "stub.c").write_text((directory / "stub.c").read_text() + "\n")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(builder, "write_record", full)
    with pytest.raises(UsageError, match="stub: cannot be written: No space left on device"):
        build(directory)
    assert load_result(directory) == last
    assert [path.name for path in directory.glob(".*")] == []


def test_others_may_read_what_was_built(tmp_path: Path) -> None:
    result = build(write_stub_model(tmp_path / "stub", "cortex-m4"))
    assert result.elf
    assert stat.S_IMODE(result.elf.parent.stat().st_mode) == 0o755


def test_a_missing_compiler_names_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m4")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match=r"arm-none-eabi-gcc: not found on PATH; install it with: .* gcc-arm-none-eabi"):
        build(directory)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("schema_version", 2, "schema_version 2, this reads 1"),
        ("name", "Stub; rm", "is not a lower-case C identifier"),
        ("optimize", "-O2 -o/etc/x", "'-o/etc/x' in optimize is not a flag"),
        ("sources", ["../stub.c"], r"source '../stub\.c' is not"),
        ("inputs", [], "needs inputs"),
        ("layers", None, "not a manifest"),
    ],
)
def test_a_bad_manifest_is_refused(key: str, value: object, message: str, tmp_path: Path) -> None:
    directory = write_stub_model(tmp_path / "stub", "cortex-m4")
    path = directory / "stub_manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    with pytest.raises(UsageError, match=message):
        build(directory)


def test_a_directory_without_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no \*_manifest\.json"):
        build(tmp_path)
    directory = write_stub_model(tmp_path / "stub", "cortex-m4")
    (directory / "stub_weights.c").unlink()
    with pytest.raises(UsageError, match=r"stub_weights\.c missing"):
        build(directory)


def test_long_section_names_of_a_map_are_joined(tmp_path: Path) -> None:
    (tmp_path / "x.map").write_text(
        "Discarded\n .text.gone 0x0 0x99 a.o\nLinker script and memory map\n\n"
        ".text           0x00000000      0x130\n"
        " .text.a_very_long_name_of_a_function\n                0x00000000       0x30 a.o\n"
        " .text.b        0x00000030      0x100 /lib/libc.a(b.o)\n"
        ".bss            0x20000000       0x10\n .bss.c         0x20000000       0x10 a.o\n"
        ".debug_info     0x00000000      0x999\n .debug_info    0x00000000      0x999 a.o\n"
    )
    assert part_sizes(tmp_path / "x.map", {"a.o": "model"}) == {
        "model": {"flash": 0x30, "ram": 0x10},
        "library": {"flash": 0x100, "ram": 0},
    }


@pytest.mark.parametrize("compiler", ["gcc", "clang", "arm-none-eabi-gcc"])
def test_the_runner_is_clean_c99(compiler: str, tmp_path: Path) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    directory = write_stub_model(tmp_path / "stub", "x86-64")
    (directory / "ew_model_info.h").write_text(
        "#define EW_MODEL_INPUT_BYTES 10u, 6u\n#define EW_MODEL_OUTPUT_BYTES 8u, 12u\n"
        '#define EW_MODEL_LAYER_COUNT 3u\n#define EW_MODEL_INFO "{}"\n'
    )
    runner, support = data_folder("runtime_c") / "runner", data_folder("targets") / "support"
    sources = sorted(runner.glob("*.c"))
    flags = ["-DEW_MODEL=stub", "-DEW_MODEL_UPPER=STUB", '-DEW_MODEL_HEADER="stub.h"']
    if compiler == "arm-none-eabi-gcc":
        sources = [s for s in sources if s.name not in ("port_linux.c", "port_library.c")]
        sources += [s for s in sorted(support.glob("*.c")) if not s.name.startswith("qemu_")]
        flags += ["-mcpu=cortex-m33", "-mthumb"]
        (directory / BOARD_HEADER).write_text(board_header(load_board("netduinoplus2")))
    includes = [f"-I{directory}", f"-I{directory / 'runtime' / 'include'}", f"-I{runner}", f"-I{support}"]
    done = subprocess.run(
        [compiler, *STRICT, *flags, *includes, *map(str, sources)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
