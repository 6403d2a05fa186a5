"""The runner behind a serial port: a pseudo-terminal stands for the cable."""

from __future__ import annotations

import os
import pty
import subprocess
import tty
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edgewright.artifact import read_manifest
from edgewright.build import build
from edgewright.errors import LinkError, UsageError
from edgewright.run import open_runner
from edgewright.run.emulator import emulator_command
from tests.harness.stub_model import stub_inputs, stub_reference, write_stub_model


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return write_stub_model(tmp_path / "stub", "cortex-a7")


@pytest.fixture
def port(directory: Path) -> Iterator[str]:
    """The name of a serial port with the runner at its other end."""
    program = build(directory).elf
    assert program
    try:
        near, far = pty.openpty()
        name = os.ttyname(far)
    except OSError as error:
        pytest.skip(f"no pseudo-terminal to stand for the cable, is /dev/pts mounted? ({error})")
    tty.setraw(near)
    tty.setraw(far)
    command = emulator_command(read_manifest(directory).target, program)
    with subprocess.Popen(command, stdin=near, stdout=near) as process:
        yield name
        process.terminate()
    os.close(near)
    os.close(far)


def test_a_device_gives_the_reference_bytes(directory: Path, port: str) -> None:
    with open_runner(directory, f"device:{port}") as runner:
        assert runner.info.place == f"device:{port}"
        inputs = stub_inputs(4)
        np.testing.assert_array_equal(runner.infer(inputs)[0].reshape(-1), stub_reference(inputs)[2])
        assert runner.last_cost.time
        assert runner.last_cost.time_unit == "nanoseconds"


def test_a_port_can_be_opened_again_in_the_middle_of_a_frame(directory: Path, port: str) -> None:
    with open_runner(directory, f"device:{port}") as runner:
        runner.infer(stub_inputs(1))
    with open(port, "wb", buffering=0) as line:
        line.write(b"\x00\x07half of a frame")
    with open_runner(directory, f"device:{port}") as runner:
        inputs = stub_inputs(2)
        np.testing.assert_array_equal(runner.infer(inputs)[0].reshape(-1), stub_reference(inputs)[2])


def test_an_unplugged_device_is_an_error(directory: Path) -> None:
    build(directory)
    with pytest.raises(LinkError, match="/dev/ttyNONE: cannot be opened"):
        open_runner(directory, "device:/dev/ttyNONE")


def fake_ssh(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`ssh` and `scp` that reach a folder of this machine, with qemu-arm for its processor; the folder."""
    home = folder / "home"
    home.mkdir()
    tools = folder / "tools"
    tools.mkdir()
    shift = 'while [ "$1" = -q ] || [ "$1" = -o ]; do [ "$1" = -o ] && shift; shift; done\n'
    scripts = {
        "scp": f'#!/bin/sh\n{shift}cp "$1" "{home}/${{2#*:}}"\n',
        "ssh": f'#!/bin/sh\n{shift}cd "{home}"; exec sh -c "$(echo "$2" | sed "s,; ./,; qemu-arm ./,")"\n',
    }
    for name, text in scripts.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    return home


def test_a_linux_machine_is_reached_by_ssh(directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(directory)
    home = fake_ssh(tmp_path, monkeypatch)
    with open_runner(directory, "ssh:pi@board.local") as runner:
        assert runner.info.place == "ssh:pi@board.local"
        assert [path.name for path in home.iterdir()] == [f"edgewright-stub-{runner.info.build}"]
        inputs = stub_inputs(4)
        np.testing.assert_array_equal(runner.infer(inputs)[0].reshape(-1), stub_reference(inputs)[2])
    assert list(home.iterdir()) == [], "the copy is gone"


def test_a_machine_out_of_reach_is_an_error(directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(directory)
    fake_ssh(tmp_path, monkeypatch)
    (tmp_path / "tools" / "scp").write_text("#!/bin/sh\necho 'ssh: Could not resolve hostname pi' >&2\nexit 255\n")
    with pytest.raises(LinkError, match="ssh:pi: cannot copy the runner: ssh: Could not resolve hostname pi"):
        open_runner(directory, "ssh:pi")
    with pytest.raises(UsageError, match="not a host name"):
        open_runner(directory, "ssh:-oProxyCommand=x")
