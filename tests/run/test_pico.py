"""The Raspberry Pi Pico's firmware in rp2040js, from its second boot stage on.

`make setup` installs rp2040js where there is npm; RP2040JS names another one.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edgewright import api, demo
from edgewright.artifact import read_manifest
from edgewright.build import build
from edgewright.run.device import open_device
from tests.harness.stub_model import stub_inputs, stub_reference, write_stub_model

ROOT = Path(__file__).parents[2]
EMULATOR = ROOT / "tests" / "harness" / "rp2040.mjs"
MODULE = Path(os.environ.get("RP2040JS", ROOT / ".venv/rp2040js/node_modules/rp2040js/dist/esm/index.js"))

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not MODULE.is_file(),
    reason="no node, or no rp2040js: install npm and run make setup again",
)


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    """The stub model, built for the Pico."""
    directory = write_stub_model(tmp_path / "stub", "cortex-m0plus", "pico")
    build(directory)
    return directory


def flash_image(directory: Path) -> Path:
    """What is flashed of a built directory."""
    elf, image = directory / "build" / "runner.elf", directory / "flash.bin"
    subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", str(elf), str(image)], check=True)
    return image


@contextmanager
def emulated(image: Path) -> Iterator[str]:
    """The URL at which the program in `image` answers, once."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = ["node", str(EMULATOR), str(image), str(port)]
    environment = {**os.environ, "RP2040JS": str(MODULE)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "listening\n"
            yield f"socket://127.0.0.1:{port}"
        finally:
            process.kill()


def test_the_pico_answers_counts_cycles_and_survives_a_reset(stub: Path) -> None:
    inputs = stub_inputs(1)
    with emulated(flash_image(stub)) as url, open_device(read_manifest(stub), url) as runner:
        for boots in (1, 2):
            assert runner.info.board == "pico"
            assert runner.info.boot_count == boots, "the boot ROM's copy of the second stage leaves what is kept alone"
            last, first = runner.infer(inputs)
            layers = stub_reference(inputs)
            assert (last.tobytes(), first.tobytes()) == (layers[2].tobytes(), layers[0].tobytes())
            assert runner.last_cost.time_unit == "cycles"
            assert runner.last_cost.time
            assert 1_000 < runner.last_cost.time < 100_000, "SysTick counts on a core without a cycle counter"
            assert runner.selftest() == 0
            runner.reset()
        assert runner.stats().bytes_lost == 0


def test_the_demo_is_validated_and_profiled_on_a_pico(tmp_path: Path) -> None:
    directory = tmp_path / "out"
    api.compile(demo.model_path(), "pico", demo.calibration_path(), directory, name="digits")
    api.build(directory)
    image = flash_image(directory)
    with emulated(image) as url:
        place = f"device:{url}"
        done = api.validate(directory, demo.held_out_path(), [place], limit=3)
    assert done.places[place].mismatched_bytes == 0
    with emulated(image) as url:
        profiled = api.profile(directory, f"device:{url}")
    assert (profiled.unit, profiled.time_unit) == ("device-cycles", "cycles")
    assert profiled.time
    assert profiled.time > 100_000


def test_a_second_stage_with_another_checksum_is_not_started(stub: Path) -> None:
    image = flash_image(stub)
    flash = bytearray(image.read_bytes())
    flash[10] ^= 1
    image.write_bytes(flash)
    command = ["node", str(EMULATOR), str(image), "0"]
    done = subprocess.run(
        command, env={**os.environ, "RP2040JS": str(MODULE)}, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, "another checksum" in done.stderr) == (3, True)
