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

from edgewright.build import build, read_manifest
from edgewright.errors import LinkError
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
    near, far = pty.openpty()
    tty.setraw(near)
    tty.setraw(far)
    command = emulator_command(read_manifest(directory).target, program)
    with subprocess.Popen(command, stdin=near, stdout=near) as process:
        yield os.ttyname(far)
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
    with pytest.raises(LinkError, match="/dev/ttyNONE: cannot be opened"):
        open_runner(directory, "device:/dev/ttyNONE")
