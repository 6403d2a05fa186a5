"""The verb: choice of runner and port, refusals, dry runs; and the whole flow into an emulated board."""

from __future__ import annotations

import json
import os
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest

from edgewright import api
from edgewright.artifact import read_manifest
from edgewright.build import build
from edgewright.cli.main import run
from edgewright.errors import ImageError, LinkError, ToolError, UsageError
from edgewright.run import open_runner
from edgewright.targets import board_names, load_board
from tests.harness.emulated import EMULATED_BOARDS
from tests.harness.emulated_board import emulated
from tests.harness.fake_tools import Answer, FakeTools, fake_tools
from tests.harness.stub_model import stub_inputs, stub_reference, write_stub_model

BOARD = """summary = "a NUCLEO"
cpu = "cortex-m4"
clock_hz = 84_000_000
stack_bytes = 4096
flash = { base = 0x0800_0000, bytes = 0x8_0000 }
ram = { base = 0x2000_0000, bytes = 0x2_0000 }
uart = { driver = "cmsdk", base = 0x4000_4000, irq = 0, clock_hz = 25_000_000 }

[chip]
name = "STM32F446"
id_address = 0xE004_2000
id_mask = 0xFFF
id_value = 0x421

[flashing]
runners = ["pyocd", "openocd"]
pyocd_target = "stm32f446retx"
openocd = ["board/st_nucleo_f4.cfg"]
"""


#: Every bare board of the SDK.
BOARDS = {name: board for name in board_names() if (board := load_board(name)).flash.bytes}


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTools:
    return fake_tools(tmp_path / "tools", monkeypatch)


@pytest.fixture
def nucleo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A generated directory for a board outside the SDK; only the fake tools and those of the system are there."""
    boards = tmp_path / "targets" / "boards"
    boards.mkdir(parents=True)
    (boards / "nucleo.toml").write_text(BOARD)
    monkeypatch.setenv("EDGEWRIGHT_TARGETS", str(boards.parent))
    monkeypatch.setattr("edgewright.flash.session.program_path", shutil.which)
    return generated(tmp_path / "stub", "nucleo")


def generated(folder: Path, board: str) -> Path:
    """The stub model for a board, complete enough to be opened by a verb."""
    directory = write_stub_model(folder, load_board(board).cpu, board)
    for name in ("stub_reference.npz", "stub_model.onnx"):
        (directory / name).write_bytes(b"")
    return directory


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stub has no integer graph; flashing needs none."""
    monkeypatch.setattr("edgewright.artifact.directory.load_graph", lambda path, records: None)


def test_flash_takes_the_first_runner_that_is_there(nucleo: Path, tools: FakeTools) -> None:
    good = [Answer("*mdw*", "0xe0042000: 10006421"), Answer("*program*", "** Verified OK **")]
    tools.add("openocd", *good)
    result = api.flash(nucleo)
    assert (result.runner, result.verified, result.dry_run) == ("openocd", True, False)
    assert result.chip == "id 0x421 (wanted 0x421)"
    assert result.image_start == 0x0800_0000
    assert [step.does for step in result.steps] == ["identify", "write"]
    assert len(tools.calls()) == 2
    tools.add("pyocd", Answer("json*", '{"boards": []}'))
    with pytest.raises(LinkError, match="nucleo: pyocd: sees no board; plug it in"):
        api.flash(nucleo)


def test_a_dry_run_tells_the_commands_and_runs_none(nucleo: Path, tools: FakeTools) -> None:
    result = api.flash(nucleo, dry_run=True, runner="pyocd", port="066F")
    build_folder = nucleo / "build"
    assert [step.command for step in result.steps] == [
        "pyocd cmd -W -t stm32f446retx -u 066F -c 'read32 0xe0042000'",
        f"pyocd load -W -t stm32f446retx -u 066F -e sector --no-reset {build_folder}/runner.elf",
        f"""pyocd cmd -W -t stm32f446retx -u 066F -c 'compare 0x8000000 "{build_folder}/runner.bin"'""",
        "pyocd reset -W -t stm32f446retx -u 066F",
    ]
    assert not result.verified
    assert tools.calls() == []
    assert (build_folder / "runner.bin").stat().st_size == result.image_bytes
    assert api.flash(nucleo, dry_run=True).to_json()["steps"][0]["does"] == "identify", "no tool need be installed"


def test_the_command_line_prints_one_line_and_the_status(
    nucleo: Path, tools: FakeTools, capsys: pytest.CaptureFixture[str]
) -> None:
    tools.add("openocd", Answer("*mdw*", "0xe0042000: 10006431"))
    assert run(["flash", str(nucleo), "--runner", "openocd"]) == 8
    assert "wrong chip: STM32F446 was expected, found id 0x431" in capsys.readouterr().err
    assert run(["flash", str(nucleo), "--runner", "openocd", "--dry-run"]) == 0
    assert "openocd -f board/st_nucleo_f4.cfg -c init -c 'mdw 0xe0042000' -c shutdown" in capsys.readouterr().out
    tools.add("openocd", Answer(sleep_s=30))
    assert run(["flash", str(nucleo), "--timeout", "0.3", "--json"]) == 7
    assert "openocd: no end within 0.3 s" in json.loads(capsys.readouterr().out)["error"]


def test_runners_that_cannot_be_are_refused(nucleo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for runner, message in {
        "west": "none of pyocd, openocd, jlink, ",
        "ssh": "not for nucleo; it is flashed with pyocd, openocd",
        "jlink": r"needs jlink_device in \[flashing\] of nucleo.toml",
    }.items():
        with pytest.raises(UsageError, match=message):
            api.flash(nucleo, runner)
    for seconds in (0.0, float("nan"), float("inf"), 1e300):
        with pytest.raises(UsageError, match="must be above 0 and at most 86,400 seconds"):
            api.flash(nucleo, timeout_s=seconds)
    for port in ("foo", "", "localhost:99999"):
        with pytest.raises(UsageError, match=f"--port '{port}': gdb needs HOST:PORT of a debug server"):
            api.flash(nucleo, "gdb", port)
    monkeypatch.setattr("edgewright.flash.session.program_path", lambda program: None)
    ways = r"get one of: pyocd \(pip install 'edgewright\[flash\]'\); openocd \(sudo apt-get install openocd\)"
    with pytest.raises(ToolError, match=ways):
        api.flash(nucleo)
    host = write_stub_model(tmp_path / "host", "x86-64")
    for name in ("stub_reference.npz", "stub_model.onnx"):
        (host / name).write_bytes(b"")
    with pytest.raises(UsageError, match="x86-64: runs on this machine; there is nothing to flash"):
        api.flash(host)


def test_a_raspberry_pi_is_flashed_by_ssh(tmp_path: Path, tools: FakeTools) -> None:
    tools.add("scp", Answer())
    tools.add("ssh", Answer())
    directory = write_stub_model(tmp_path / "stub", "cortex-a53")
    for name in ("stub_reference.npz", "stub_model.onnx"):
        (directory / name).write_bytes(b"")
    result = api.flash(directory, port="pi@pi4", dry_run=True)
    assert (result.runner, result.image_start) == ("ssh", None)
    assert result.steps[1].command.endswith(f"{directory}/build/runner.elf pi@pi4:edgewright-stub.new")
    with pytest.raises(UsageError, match="give a host of ssh's configuration, or user@address with --port"):
        api.flash(directory)


def test_an_image_for_another_memory_is_refused(nucleo: Path, tmp_path: Path) -> None:
    build(nucleo)
    board = tmp_path / "targets" / "boards" / "nucleo.toml"
    elf = nucleo / "build" / "runner.elf"
    kept = elf.read_bytes()
    board.write_text(BOARD.replace("base = 0x0800_0000", "base = 0x0900_0000"))
    build(nucleo)
    elf.write_bytes(kept)
    with pytest.raises(ImageError, match="must lie in the flash of nucleo, 0x9000000 to 0x9080000, and does not"):
        api.flash(nucleo, dry_run=True)


@pytest.mark.parametrize("board", sorted({*BOARDS} - {*EMULATED_BOARDS}))
def test_a_board_that_nothing_emulates_passes_the_checks_of_a_dry_run(board: str, tmp_path: Path) -> None:
    directory = generated(tmp_path / board, board)
    flashing = BOARDS[board].flashing
    assert flashing
    for runner in flashing.runners:
        result = api.flash(directory, runner, dry_run=True)
        assert result.runner == runner
        assert [step.does for step in result.steps if "write" in step.does]


@pytest.mark.skipif(shutil.which("gdb-multiarch") is None, reason="gdb-multiarch is missing; make setup installs it")
@pytest.mark.parametrize("board", EMULATED_BOARDS)
def test_gdb_really_flashes_an_emulated_board(board: str, tmp_path: Path) -> None:
    directory = generated(tmp_path / "stub", board)
    with emulated(board) as (server, line):
        result = api.flash(directory, "gdb", server)
        assert result.verified
        chip = BOARDS[board].chip
        assert chip
        assert chip.id
        # QEMU models no DBGMCU: its STM32s cannot be asked which they are.
        assert result.chip or chip.id.address == 0xE004_2000
        for seed in range(3):  # each time another connection to the same board
            with open_runner(directory, f"device:{line}") as runner:
                inputs = stub_inputs(seed)
                np.testing.assert_array_equal(runner.infer(inputs)[0].reshape(-1), stub_reference(inputs)[2])
                assert runner.info.build == result.build_id
    assert read_manifest(directory).target.board


@pytest.mark.skipif(shutil.which("gdb-multiarch") is None, reason="gdb-multiarch is missing; make setup installs it")
def test_gdb_refuses_the_wrong_board_and_replaces_a_running_program(tmp_path: Path) -> None:
    first, other = generated(tmp_path / "first", "mps2-an386"), generated(tmp_path / "other", "mps2-an500")
    changed = generated(tmp_path / "changed", "mps2-an386")
    source = changed / "stub.c"
    source.write_text(source.read_text() + "/* newer */\n")
    with emulated("mps2-an386") as (server, line):
        api.flash(first, "gdb", server)
        with pytest.raises(LinkError, match=r"wrong chip: Cortex-M7 in the FPGA was expected, found id 0xc240"):
            api.flash(other, "gdb", server)
        with open_runner(first, f"device:{line}") as runner:
            before = runner.info.build
            assert runner.selftest() == 0, "what ran before still runs"
        api.flash(changed, "gdb", server)
        with open_runner(changed, f"device:{line}") as runner:
            assert runner.info.build != before
            assert runner.selftest() == 0
    with pytest.raises(LinkError, match="no debug server answers") as caught:
        api.flash(first, "gdb", server)
    assert "half" not in str(caught.value), "nothing was reached"


def test_gdb_is_not_kept_waiting_by_a_server_that_says_nothing(tmp_path: Path) -> None:
    if shutil.which("gdb-multiarch") is None:
        pytest.skip("gdb-multiarch is missing; make setup installs it")
    directory = generated(tmp_path / "stub", "mps2-an386")
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(ToolError, match="no end within 2 s"):
        api.flash(directory, "gdb", f"127.0.0.1:{silent.getsockname()[1]}", timeout_s=2)
    assert os.path.exists(directory / "build" / "runner.elf")
