"""A tool and all that it started are gone when it is done, however it ended."""

import os
import time
from pathlib import Path

import pytest

from edgewright.flash.process import run_killable


def alive(pid: int) -> bool:
    """Whether a process still runs; one that has ended and waits to be read does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("script", "timeout_s", "status"),
    [
        ("sleep 60 >/dev/null 2>&1 & echo $! > {pid}", 20.0, 0),
        ("(trap '' TERM; sleep 60) >/dev/null 2>&1 & echo $! > {pid}; sleep 60", 1.0, None),
    ],
    ids=["left in the background", "deaf to SIGTERM"],
)
def test_nothing_is_left(script: str, timeout_s: float, status: int | None, tmp_path: Path) -> None:
    finished = run_killable(["/bin/sh", "-c", script.format(pid=tmp_path / "pid")], timeout_s)
    assert finished.status == status
    pid = int((tmp_path / "pid").read_text())
    for _ in range(50):
        if not alive(pid):
            return
        time.sleep(0.1)
    os.kill(pid, 9)
    pytest.fail("its child still runs")
