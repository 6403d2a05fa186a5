"""A board from compile to report over its UART: flashed by GDB, on a bad line, and with a host that is killed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from edgewright import api
from edgewright.demo import calibration_path, held_out_path, model_path
from tests.harness.emulated_board import emulated
from tests.harness.faulty_line import FaultRates, FaultyLine

BOARD = "mps2-an386"
#: One fault in fifty frames, of all kinds that a line alone can make.
ONE_IN_50 = FaultRates(drop=0.003, repeat=0.003, damage=0.004, late=0.004, cut=0.002, overrun=0.002, stall=0.002)
pytestmark = pytest.mark.skipif(
    shutil.which("gdb-multiarch") is None, reason="gdb-multiarch is missing; make setup installs it"
)


@dataclass
class Desk:
    """A board with the demo model in its flash, and the URL of its UART."""

    directory: Path
    line: str

    def report(self, samples: int, line: str = "") -> str:
        """The document of a validation, which names no port."""
        result = api.validate(self.directory, held_out_path(), ["device"], limit=samples, port=line or self.line)
        return str(result.to_json()).replace(line or self.line, "PORT")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    directory = tmp_path_factory.mktemp("device") / "digits"
    api.compile(model_path(), BOARD, calibration_path(), directory, api.CompileOptions("digits"))
    with emulated(BOARD) as (server, line):
        assert api.flash(directory, "gdb", server).verified
        yield Desk(directory, line)


def check_faults(desk: Desk, samples: int) -> None:
    """The report over a bad line is that over a good one."""
    line = FaultyLine(desk.line, ONE_IN_50)
    try:
        report = desk.report(samples, line.url)
    finally:
        line.close()
    assert report == desk.report(samples)
    assert sum(line.faults.values()) > samples / 25, "three frames and their answers for each sample"
    assert "'mismatched_bytes': 0" in report


def check_kills(desk: Desk, samples: int, kills: int) -> None:
    """A host that is killed at random moments, and one that then ends: the same bytes as without."""
    arguments = ["validate", str(desk.directory), "--data", str(held_out_path()), "--on", "device", "--json"]
    arguments += ["--limit", str(samples), "--port", desk.line]
    command = [sys.executable, "-c", "from edgewright.cli import main; main()", *arguments]
    undisturbed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    chance, kept = random.Random(4), list[int]()
    for _ in range(kills):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as host:
            grown = (kept or [0])[-1] + chance.randrange(1, 2 * samples * 40 // kills)
            while host.poll() is None and journal_bytes(desk) < grown:
                time.sleep(0.001)
            if host.poll() is None:
                os.kill(host.pid, signal.SIGKILL)
        kept.append(journal_bytes(desk))
    assert len(set(kept)) > kills / 2, "they were killed at different places"
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == undisturbed
    assert journal_bytes(desk) == 0, "what is finished leaves no journal"


def journal_bytes(desk: Desk) -> int:
    return sum(path.stat().st_size for path in (desk.directory / "build").glob("journal-*"))


def test_a_bad_line_changes_nothing_in_the_report(desk: Desk) -> None:
    check_faults(desk, 80)


def test_a_killed_validation_goes_on_and_gives_the_same_report(desk: Desk) -> None:
    check_kills(desk, 60, 3)


@pytest.mark.slow
def test_five_hundred_samples_on_a_bad_line(desk: Desk) -> None:
    check_faults(desk, 500)


@pytest.mark.slow
def test_twenty_kills(desk: Desk) -> None:
    check_kills(desk, 500, 20)
