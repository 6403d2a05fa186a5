"""Targets outside the SDK: one file each, as strict as those inside, and never in the way of the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edgewright import demo
from edgewright.build import build
from edgewright.build.disassembly import disassemble
from edgewright.build.elf import function
from edgewright.errors import ToolError, UsageError
from edgewright.run import open_runner
from edgewright.targets import all_targets, board_names, cpu_names, load_board, load_cpu, resolve_target
from edgewright.targets.folders import target_folders
from tests.harness.command import edgewright
from tests.harness.stub_model import stub_inputs, write_stub_model

UART = 'uart = { driver = "cmsdk", base = 0x4000_4000, irq = 0, clock_hz = 25_000_000 }\n'
BOARD = """summary = "a board of mine"
cpu = "cortex-m4"
clock_hz = 25_000_000
stack_bytes = 4096
emulator_machine = "mps2-an386"
flash = { base = 0x0000_0000, bytes = 0x10_0000 }
ram = { base = 0x2000_0000, bytes = 0x8_0000 }
"""
CPU = """summary = "a core of mine"
arch = "cortex-m"
isas = ["c"]
compiler = "arm-none-eabi-gcc"
flags = ["-mcpu=cortex-m3", "-mthumb", "-mfloat-abi=soft"]
emulator_board = "mine"
"""


def put(folder: Path, files: dict[str, str]) -> Path:
    """`folder`, with these files in it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of targets that EDGEWRIGHT_TARGETS names."""
    folder = put(tmp_path / "targets", {"boards/mine.toml": BOARD + UART})
    monkeypatch.setenv("EDGEWRIGHT_TARGETS", str(folder))
    return folder


def test_a_board_is_one_file_from_compile_to_validate(tmp_path: Path) -> None:
    mine, out = put(tmp_path / "mine", {"boards/mine.toml": BOARD + UART}), tmp_path / "out"
    to = ("compile", demo.model_path(), "-t", "mine", "--calib", demo.calibration_path(), "-o", out, "-n", "digits")
    assert "mine: no such CPU or board" in edgewright(*to).err
    assert edgewright("--targets", mine, *to).status == 0
    built = edgewright("--targets", mine, "build", out, "--json").document
    assert 0 < built["ram_bytes"] < 0x8_0000
    done = edgewright(
        *("--targets", mine, "validate", out, "--data", demo.held_out_path(), "--on", "emulator"),
        *("--limit", 5, "--json"),
    )
    assert done.document["places"]["emulator"]["mismatched_bytes"] == 0
    without = edgewright("build", out)
    assert without.status == 2
    assert "compiled for mine, which is not here; give the folder of boards/mine.toml with --targets" in without.err


def test_a_cpu_is_one_file(outside: Path, tmp_path: Path) -> None:
    put(outside, {"cpus/core.toml": CPU})
    assert resolve_target("core").link_board == load_board("mine")
    directory = write_stub_model(tmp_path / "stub", "core")
    build(directory)
    with open_runner(directory, "emulator") as runner:
        runner.infer(stub_inputs(1))
        assert (runner.info.cpu, runner.info.board) == ("core", "mine")


def test_a_board_without_a_uart_is_measured_and_says_what_is_missing(outside: Path, tmp_path: Path) -> None:
    put(outside, {"boards/silent.toml": BOARD})
    loud = build(write_stub_model(tmp_path / "loud", "cortex-m4", "mine"))
    directory = write_stub_model(tmp_path / "silent", "cortex-m4", "silent")
    result = build(directory)
    assert (result.flash_bytes, result.ram_bytes) == (loud.flash_bytes, loud.ram_bytes)
    assert result.elf is None
    assert result.elf_problem == "silent: no uart, so no runner; describe one in its file to validate on it"
    for place in ("emulator", "device:socket://127.0.0.1:1"):
        with pytest.raises(UsageError, match="silent: no uart, so no runner"):
            open_runner(directory, place)


def test_an_init_source_is_called_once_memory_is_in_place_and_before_main(outside: Path, tmp_path: Path) -> None:
    init = "#include <stdint.h>\nstatic volatile uint32_t at = 7, zero;\nvoid ew_board_init(void);\n"
    init += "void ew_board_init(void)\n{\n    while (at != 7 || zero) {\n    }\n    at = 8;\n}\n"
    put(outside, {"boards/mine.toml": BOARD + UART + 'init = "pll.c"\n', "boards/pll.c": init})
    directory = write_stub_model(tmp_path / "stub", "cortex-m4", "mine")
    first = build(directory)
    assert first.minimal_elf
    code, reset = disassemble(first.minimal_elf, "arm-none-eabi-gcc"), function(first.minimal_elf, "ew_reset")
    assert reset
    called = [code.name_at(i.target) for i in code.instructions.values()
              if reset.address <= i.address < reset.end and i.base == "bl" and i.target is not None]  # fmt: skip
    assert called.index("ew_board_init") + 1 == called.index("main")
    with open_runner(directory, "emulator") as runner:
        runner.infer(stub_inputs(1))
    (outside / "boards" / "pll.c").write_text(init.replace("ew_board_init", "board_init"))
    with pytest.raises(ToolError, match="undefined reference to"):
        build(directory)
    (outside / "boards" / "pll.c").write_text("oops\n")
    with pytest.raises(ToolError, match=r"boards/pll\.c: arm-none-eabi-gcc failed"):
        build(directory)
    (outside / "boards" / "pll.c").unlink()
    with pytest.raises(UsageError, match=r"mine\.toml: init 'pll\.c' is no file beside mine\.toml"):
        build(directory)


def test_the_same_board_in_another_folder_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for where in ("a", "far/away"):
        board, init = BOARD + UART + 'init = "pll.c"\n', "void ew_board_init(void);\nvoid ew_board_init(void) {}\n"
        folder = put(tmp_path / where, {"boards/mine.toml": board, "boards/pll.c": init})
        monkeypatch.setenv("EDGEWRIGHT_TARGETS", str(folder))
        results.append(build(write_stub_model(tmp_path / where / "stub", "cortex-m4", "mine")).elf)
    first, second = results
    assert first
    assert second
    assert first.read_bytes() == second.read_bytes()
    assert str(tmp_path).encode() not in first.read_bytes()


def test_folders_come_from_the_environment_and_from_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (put(tmp_path / n, {f"boards/{n}.toml": BOARD}) for n in ("one", "two"))
    put(tmp_path / "config" / "edgewright" / "targets", {"boards/three.toml": BOARD})
    before = target_folders()
    monkeypatch.setenv("EDGEWRIGHT_TARGETS", os.pathsep.join([str(one), str(two), str(before[0])]))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert {"one", "two", "three"} <= set(board_names())
    assert len(target_folders()) == 4, "the SDK's own folder once"
    put(tmp_path / ".config" / "edgewright" / "targets", {"boards/four.toml": BOARD})
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert target_folders()[-1] == tmp_path / ".config" / "edgewright" / "targets"


def test_a_folder_without_targets_is_refused(tmp_path: Path) -> None:
    done = edgewright("--targets", tmp_path, "targets")
    assert (done.status, done.out) == (2, "")
    assert f"{tmp_path}: not a folder of targets; make one with a folder cpus or boards in it" in done.err


def test_a_broken_file_is_named_and_hides_nothing_else(outside: Path) -> None:
    cpus, boards, problems = all_targets()
    assert problems == []
    put(outside, {"boards/broken.toml": "stack_byte = 1\n", "boards/bad name.toml": BOARD})
    put(outside, {"cpus/core.toml": CPU.replace("cortex-m", "cortex-n", 1)})
    put(outside, {"boards/lost.toml": BOARD.replace("cortex-m4", "core")})
    (outside / "boards" / "latin.toml").write_bytes(b'summary = "\xff"\n')
    done = edgewright("targets", "--json")
    assert done.status == 2
    assert [row["name"] for row in done.document["cpus"]] == [cpu.name for cpu in cpus]
    assert [row["name"] for row in done.document["boards"]] == [board.name for board in boards]
    found = done.document["problems"]
    assert len(found) == 5
    for file, text in {
        "cpus/core.toml": "arch 'cortex-n' is none of cortex-m, host, linux",
        "boards/bad name.toml": "its name is not made of letters",
        "boards/broken.toml": "unknown key 'stack_byte'; did you mean 'stack_bytes'?",
        "boards/latin.toml": "not TOML",
        "boards/lost.toml": "cpu 'core': ",
    }.items():
        assert any(line.startswith(f"{outside / file}: ") and text in line for line in found), file
    assert load_board("mine").cpu == "cortex-m4"
    shown = edgewright("targets")
    assert shown.status == 2
    assert "not usable: " in shown.out


@pytest.mark.parametrize("key", ["name", "file"])
def test_a_file_cannot_rename_itself(outside: Path, key: str) -> None:
    put(outside, {"boards/mine.toml": f'{key} = "other"\n' + BOARD})
    with pytest.raises(UsageError, match=rf"mine\.toml: unknown key '{key}'"):
        load_board("mine")


def test_two_files_of_one_name_are_refused_with_both_paths(outside: Path) -> None:
    put(outside, {"cpus/mine.toml": CPU, "cpus/cortex-m4.toml": CPU, "boards/cortex-m7.toml": BOARD})
    for name, load in {"mine": load_board, "cortex-m4": load_cpu, "cortex-m7": resolve_target}.items():
        with pytest.raises(UsageError, match=rf"{name}: stands for both /.*/{name}\.toml and /.*{name}\.toml; rename"):
            load(name)
    assert "cortex-m55" in cpu_names()
    assert resolve_target("mps3-an547").cpu == load_cpu("cortex-m55")
    assert len(all_targets()[2]) >= 3
