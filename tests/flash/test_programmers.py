"""Every programmer up to its process: the command lines that a tool gets, and what becomes of what it answers."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from edgewright.errors import LinkError, ToolError, UsageError
from edgewright.flash.process import run_killable
from edgewright.flash.programmers import PROGRAMMERS
from edgewright.flash.programmers.openocd import configuration
from edgewright.flash.programmers.pico import Uf2Volume
from edgewright.flash.session import chosen_port, perform
from edgewright.targets import Flashing, Target, board_names, load_board, load_cpu
from edgewright.targets.flashing import RUNNERS
from tests.harness.fake_tools import Answer, FakeTools, fake_tools
from tests.harness.flash_cases import CASES, F446, LINUX, PICO, Case, make_job

#: How the boards of the SDK are flashed.
OWN = [flashing for board in map(load_board, board_names()) if (flashing := board.flashing)]
RUNNER = pytest.mark.parametrize("case", CASES, ids=[case.runner for case in CASES])


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTools:
    return fake_tools(tmp_path / "tools", monkeypatch)


def answer(tools: FakeTools, case: Case, first: dict[str, Answer] | None = None) -> None:
    """The tools of a case as on a good day, with other first answers."""
    for name, answers in case.tools.items():
        tools.add(name, *([first[name]] if first and name in first else []), *answers)


@RUNNER
def test_success_is_the_commands_of_the_manual(case: Case, tools: FakeTools, tmp_path: Path) -> None:
    answer(tools, case)
    job = make_job(case, tmp_path / "build")
    outcome = perform(PROGRAMMERS[case.runner], job)
    assert tools.calls() == [call.format(d=tmp_path / "build") for call in case.calls]
    assert outcome.verified == case.verified
    assert outcome.chip
    for name, text in case.scripts.items():
        assert (tmp_path / "build" / name).read_text() == text.format(d=tmp_path / "build")
    assert not set(case.flashing.lacks(case.runner))


@RUNNER
def test_a_wrong_chip_is_refused_before_anything_is_written(case: Case, tools: FakeTools, tmp_path: Path) -> None:
    assert case.wrong
    answer(tools, case, dict([case.wrong]))
    with pytest.raises(LinkError, match=r"wrong chip.*nothing was written") as caught:
        perform(PROGRAMMERS[case.runner], make_job(case, tmp_path / "build"))
    assert case.found in str(caught.value)
    assert len(tools.calls()) == 1


@RUNNER
def test_what_goes_wrong_is_one_line_that_says_what_to_do(case: Case, tools: FakeTools, tmp_path: Path) -> None:
    for tool, bad, error, message in case.bad:
        answer(tools, case, {tool: bad})
        with pytest.raises(error, match=message) as caught:
            perform(PROGRAMMERS[case.runner], make_job(case, tmp_path / "build"))
        assert "\n" not in str(caught.value)
        assert caught.value.exit_code in (7, 8)


@RUNNER
def test_a_tool_that_hangs_is_ended_with_its_children(case: Case, tools: FakeTools, tmp_path: Path) -> None:
    first = case.calls[0].split()[0]
    answer(tools, case, {first: Answer("*", "starting", 0, sleep_s=60)})
    start = time.monotonic()
    with pytest.raises(ToolError, match=rf"{first}: no end within 0\.3 s, it was stopped"):
        perform(PROGRAMMERS[case.runner], make_job(case, tmp_path / "build"), timeout_s=0.3)
    assert time.monotonic() - start < 10


@RUNNER
def test_a_missing_tool_is_named_with_the_way_to_get_it(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(case, tmp_path / "build")
    monkeypatch.setattr("edgewright.flash.session.program_path", lambda program: None)
    with pytest.raises(ToolError, match=f"not found on PATH; to install it: {PROGRAMMERS[case.runner].obtain[:12]}"):
        perform(PROGRAMMERS[case.runner], job)


def test_children_of_a_tool_end_with_it(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    script = f"sleep 60 & echo $! > {mark}; trap '' TERM; wait; wait"
    finished = run_killable(["/bin/sh", "-c", script], 0.5)
    assert finished.status is None
    child = int(mark.read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_every_runner_has_a_case() -> None:
    assert {*RUNNERS, "ssh"} == set(PROGRAMMERS) == {case.runner for case in CASES} | {"uf2"}
    assert all(programmer.docs.startswith("https://") and programmer.obtain for programmer in PROGRAMMERS.values())


def test_the_page_lists_every_runner_with_its_manual() -> None:
    page = (Path(__file__).parents[2] / "docs" / "flashing.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for name, programmer in PROGRAMMERS.items():
        assert [row for row in rows if row.startswith(f"| `{name}` |") and programmer.docs in row], name


def volume(folder: Path, board: str) -> Path:
    """A mounted UF2 boot loader."""
    folder.mkdir()
    (folder / "INFO_UF2.TXT").write_text(f"UF2 Bootloader v3.0\r\nModel: Raspberry Pi\r\nBoard-ID: {board}\r\n")
    return folder


class QuickVolume(Uf2Volume):
    """It waits less."""

    restart_s = 0.3


def test_a_uf2_volume_takes_the_file_and_goes_away(tmp_path: Path, tools: FakeTools) -> None:
    drive = volume(tmp_path / "RPI-RP2", "RPI-RP2")
    case = Case("uf2", PICO, [], {}, None, "", [], port=str(drive))
    job = make_job(case, tmp_path / "build")
    # `sync` is where the real drive disappears.
    tools.folder.joinpath("sync").write_text(f'#!/bin/sh\ncp "$1" {tmp_path}/taken.uf2; rm -r {drive}; exit 1\n')
    tools.folder.joinpath("sync").chmod(0o755)
    outcome = perform(QuickVolume(), job)
    assert outcome.chip == "RPI-RP2"
    assert not outcome.verified, "nobody can read it back"
    assert job.files.uf2
    assert (tmp_path / "taken.uf2").read_bytes() == job.files.uf2.read_bytes()


def test_a_uf2_volume_that_stays_or_is_another_board_is_an_error(tmp_path: Path) -> None:
    drive, other = volume(tmp_path / "RPI-RP2", "RPI-RP2"), volume(tmp_path / "RP2350", "RP2350")
    case = Case("uf2", PICO, [], {}, None, "", [], port=str(drive))
    with pytest.raises(LinkError, match="took the file and did not start it"):
        perform(QuickVolume(), make_job(case, tmp_path / "build"))
    case = Case("uf2", PICO, [], {}, None, "", [], port=str(other))
    with pytest.raises(LinkError, match="wrong chip: RP2040 was expected, found RP2350; nothing was written"):
        perform(QuickVolume(), make_job(case, tmp_path / "build"))
    assert [path.name for path in other.iterdir()] == ["INFO_UF2.TXT"]


SURVEYS = {
    "pyocd": ("pyocd", '{"boards": [%s]}', '{"unique_id": "%s", "info": "STM32 STLink"}', ","),
    "st-flash": ("st-info", "Found stlink programmers\n%s", "  version: V2\n  serial: %s\n  chipid: 0x421", "\n"),
    "stm32-programmer": ("STM32_Programmer_CLI", "=====\n%s", "ST-Link Probe:\n   ST-LINK SN  : %s", "\n"),
    "nrfutil": ("nrfutil", "%s\n", "%s\nproduct J-Link\n", ""),
    "nrfjprog": ("nrfjprog", "%s", "%s\n", ""),
}


@pytest.mark.parametrize("runner", SURVEYS)
def test_no_board_one_board_two_boards(runner: str, tools: FakeTools) -> None:
    tool, whole, each, between = SURVEYS[runner]
    programmer, target = PROGRAMMERS[runner], Target(load_cpu("cortex-m4"), load_board("mps2-an386"))

    def seen(*serials: str) -> None:
        tools.add(tool, Answer("*", whole % between.join(each % serial for serial in serials)))

    seen("1050265121")
    assert chosen_port(programmer, target, None) == "1050265121"
    seen("1050265121", "1050265122")
    assert chosen_port(programmer, target, "1050265122") == "1050265122"
    with pytest.raises(LinkError, match=r"sees 2 boards: 1050265121.*, 1050265122.*; choose one with --port"):
        chosen_port(programmer, target, None)
    seen()
    with pytest.raises(LinkError, match=f"mps2-an386: {runner}: sees no board; plug it in"):
        chosen_port(programmer, target, None)
    tools.add(tool, Answer("*", "libusb: permission denied", 1))
    with pytest.raises(ToolError, match="failed with status 1: libusb: permission denied"):
        chosen_port(programmer, target, None)


def test_mounted_uf2_volumes_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target(load_cpu("cortex-m4"), load_board("mps2-an386"))
    drives = [volume(tmp_path / name, "RPI-RP2") for name in ("RPI RP2", "other")]
    mounts = tmp_path / "mounts"
    monkeypatch.setattr("edgewright.flash.programmers.pico.MOUNTS", mounts)
    lines = [
        f"/dev/sd{index} {str(drive).replace(' ', chr(92) + '040')} vfat rw 0 0" for index, drive in enumerate(drives)
    ]
    mounts.write_text("proc /proc proc rw 0 0\n" + lines[0] + "\n")
    assert chosen_port(PROGRAMMERS["uf2"], target, None) == str(drives[0])
    mounts.write_text("\n".join(lines) + "\n")
    with pytest.raises(LinkError, match="sees 2 boards"):
        chosen_port(PROGRAMMERS["uf2"], target, None)
    mounts.write_text("proc /proc proc rw 0 0\n")
    with pytest.raises(LinkError, match="sees no board; plug it in, or give the folder where the board's drive is"):
        chosen_port(PROGRAMMERS["uf2"], target, None)


def test_ports_that_cannot_be_guessed_are_asked_for(tmp_path: Path) -> None:
    target = Target(load_cpu("cortex-m4"), load_board("mps2-an386"))
    with pytest.raises(UsageError, match="--runner gdb: give HOST:PORT of a debug server with --port"):
        chosen_port(PROGRAMMERS["gdb"], target, None)
    assert chosen_port(PROGRAMMERS["openocd"], target, None) == ""
    assert chosen_port(PROGRAMMERS["gdb"], target, None, dry_run=True) == "PORT"
    case = Case("ssh", LINUX, [], {}, None, "", [], port="-oProxyCommand=x", cpu="cortex-a53")
    with pytest.raises(UsageError, match="not a host"):
        perform(PROGRAMMERS["ssh"], make_job(case, tmp_path / "build"))


@pytest.mark.skipif(shutil.which("openocd") is None, reason="OpenOCD is not installed; make setup installs it")
@pytest.mark.parametrize(
    "items", [F446.openocd, *(f.openocd for b in map(load_board, board_names()) if (f := b.flashing) and f.openocd)]
)
def test_openocd_reads_the_configuration(items: tuple[str, ...]) -> None:
    command = ["openocd", *configuration(items), "-c", "shutdown"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("openocd") is None, reason="OpenOCD is not installed; make setup installs it")
def test_openocd_really_writes_its_dummy_flash(tmp_path: Path) -> None:
    """The whole command line but for a chip: OpenOCD has a flash driver that keeps what it is given in memory."""
    case = Case(
        "openocd",
        Flashing(
            runners=("openocd",),
            openocd=(
                "adapter driver dummy",
                "transport select jtag",
                "jtag newtap t cpu -irlen 4",
                "target create t.cpu testee -chain-position t.cpu",
                "flash bank f faux 0x08000000 0x00100000 2 2 t.cpu",
            ),
        ),
        [],
        {},
        None,
        "",
        [],
    )
    job = make_job(case, tmp_path / "build")
    command = ["openocd", *configuration(case.flashing.openocd), "-c", "init"]
    command += [
        "-c",
        f"flash write_image {job.files.bin} 0x08000000",
        "-c",
        "flash verify_bank 0 " + str(job.files.bin),
    ]
    done = subprocess.run([*command, "-c", "shutdown"], capture_output=True, text=True, timeout=20, check=False)
    assert "wrote 300 bytes" in done.stderr, done.stderr
