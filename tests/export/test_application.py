"""`new-app`: a project that builds at once and speaks on the UART of an emulated board."""

from __future__ import annotations

import subprocess
import threading
from functools import cache
from pathlib import Path

import pytest

from edgewright import api, demo
from edgewright.artifact import Directory, open_directory
from edgewright.errors import UsageError
from edgewright.export import Sample, application, exported_model, on_board, random_sample
from edgewright.export.application import INCLUDE
from edgewright.targets import load_arch, load_board, load_cpu, own_targets
from tests.harness.command import edgewright
from tests.harness.firmware import SAMPLE, compiled, shell

#: A board of each kind of UART that QEMU models, on four cores.
BOARDS = ["mps3-an547", "netduinoplus2", "lm3s6965evb", "microbit"]
SPOKEN = ["digits: the self-test passed", "class 3"]


def made(out: Path, board: str) -> Path:
    """`out`, with the project of the demo model for `board`."""
    api.new_app(compiled(load_board(board).cpu), out, board, data=demo.held_out_path(), sample=SAMPLE)
    return out


@cache
def opened(cpu: str) -> tuple[Directory, Sample]:
    """The demo model for a CPU, and a sample."""
    directory = open_directory(compiled(cpu))
    return directory, random_sample(directory.graph)


def spoken(elf: Path, board: str, lines: int, keys: bytes = b"") -> list[str]:
    """The first lines that a program says on the UART of an emulated board, whose keyboard gives `keys`."""
    command = ["qemu-system-arm", "-M", load_board(board).emulator_machine, "-display", "none", "-serial", "stdio"]
    process = subprocess.Popen([*command, "-kernel", elf], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    end = threading.Timer(60, process.kill)
    end.start()
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(keys)
        process.stdin.flush()
        return [process.stdout.readline().decode().strip() for _ in range(lines)]
    finally:
        end.cancel()
        process.kill()
        process.wait()


@pytest.mark.parametrize("board", BOARDS)
def test_it_builds_with_make_and_prints_the_class(board: str, tmp_path: Path) -> None:
    folder = made(tmp_path / "app", board)
    warnings = shell("make", "-s", "CFLAGS=-Os -Werror", cwd=folder)
    assert "warning" not in warnings
    assert spoken(folder / "build" / "app.elf", board, 2) == SPOKEN
    assert (folder / "build" / "app.bin").stat().st_size > 10_000
    assert (folder / "build" / "app.hex").read_text().startswith(":")


def test_it_builds_with_cmake_too_and_a_key_gives_the_next_class(tmp_path: Path) -> None:
    folder = made(tmp_path / "app", "mps2-an386")
    shell("cmake", "-B", "build", "--toolchain", "toolchain.cmake", cwd=folder)
    shell("cmake", "--build", "build", cwd=folder)
    said = spoken(folder / "build" / "app.elf", "mps2-an386", 4, keys=b"xx")
    assert said == [*SPOKEN, "class 3", "class 3"]


def test_another_output_than_the_references_shows_at_the_first_start(tmp_path: Path) -> None:
    folder = made(tmp_path / "app", "mps2-an386")
    golden = folder / "model" / "digits_golden.c"
    golden.write_text(golden.read_text().replace("return hash == ", "return hash == 1u + "))
    shell("make", "-s", cwd=folder)
    assert spoken(folder / "build" / "app.elf", "mps2-an386", 1) == ["digits: the self-test FAILED"]


def test_every_board_with_a_uart_gets_its_files(tmp_path: Path) -> None:
    """Whatever its startup and its UART include is there; nothing of the validation firmware is."""
    boards = [board for board in own_targets()[1] if board.uart and load_arch(load_cpu(board.cpu).arch).entry]
    assert len(boards) > 20
    for board in boards:
        model = on_board(exported_model(*opened(board.cpu)), board.name)
        files = application(model)
        own = {path.removeprefix("board/"): text for path, text in files.items() if path.startswith("board/")}
        for name, text in own.items():
            assert {include for include in INCLUDE.findall(text) if include not in own} == set(), (
                f"{board.name}: {name}"
            )
        assert not {"fault.c", "port_cortex_m.c", "ew_runner.h"} & own.keys()
        assert any(name.startswith("uart_") and name.endswith(".c") for name in own)


def test_the_linker_script_has_the_memory_of_the_board(tmp_path: Path) -> None:
    board = load_board("microbit")
    text = (made(tmp_path / "app", "microbit") / "board" / "linker.ld").read_text()
    assert f"ORIGIN = {board.flash.base:#010x}, LENGTH = {board.flash.bytes}" in text


def test_without_a_board_it_is_the_one_of_the_model(tmp_path: Path) -> None:
    assert api.new_app(compiled("cortex-m4"), tmp_path / "app").board == "mps2-an386"


def test_a_project_that_somebody_worked_in_is_left_alone(tmp_path: Path) -> None:
    folder = made(tmp_path / "app", "mps2-an386")
    (folder / "src" / "main.c").write_text("int main(void) { return 0; }\n")
    with pytest.raises(UsageError, match=r"files were added or changed since it was exported \(src/main.c\)"):
        made(folder, "mps2-an386")


@pytest.mark.parametrize(
    ("cpu", "board", "complaint"),
    [
        (
            "cortex-m4",
            "mps2-an505",
            "has a cortex-m33, the model was compiled for cortex-m4; compile it with -t mps2-an505",
        ),
        ("cortex-m4", "nucleo", "nucleo"),
        ("generic-c", "mps2-an386", "compiled for generic-c, which is no bare board"),
    ],
)
def test_bad_boards_are_refused_in_one_line(cpu: str, board: str, complaint: str, tmp_path: Path) -> None:
    outcome = edgewright("new-app", compiled(cpu), "-o", tmp_path / "app", "--board", board)
    assert outcome.status == 2
    assert complaint in outcome.err
    assert outcome.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_board_without_a_uart_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = load_board("mps2-an386").file.read_text()
    (tmp_path / "boards").mkdir()
    (tmp_path / "boards" / "silent.toml").write_text(
        "\n".join(line for line in text.splitlines() if not line.startswith("uart"))
    )
    monkeypatch.setenv("EDGEWRIGHT_TARGETS", str(tmp_path))
    with pytest.raises(UsageError, match="silent: names no uart"):
        api.new_app(compiled("cortex-m4"), tmp_path / "app", "silent")
