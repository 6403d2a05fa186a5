"""Running a tool that may wait for ever: with a time-out that ends all processes it has started."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: Between asking a tool to end and ending it.
GRACE_S = 2.0


@dataclass(frozen=True)
class Finished:
    """status: of the process, None when its time was over. said: all that it printed, to either stream."""

    status: int | None
    said: str


def program_path(program: str) -> str | None:
    """Where `program` is: on PATH, or beside this Python, where `pip install` puts it; None when it is not here."""
    beside = Path(sys.executable).with_name(program)
    return shutil.which(program) or (str(beside) if os.access(beside, os.X_OK) else None)


def run_killable(command: Sequence[str], timeout_s: float) -> Finished:
    """What became of `command`, whose program is a path; it and its children are gone when this returns."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=timeout_s)
        return Finished(process.returncode, said)
    except subprocess.TimeoutExpired:
        return Finished(None, _end(process))
    except BaseException:  # a person stops the program: in its own session the tool hears nothing of that
        _end(process)
        raise
    finally:
        with contextlib.suppress(ProcessLookupError):  # what it left in the background
            os.killpg(process.pid, signal.SIGKILL)


def _end(process: subprocess.Popen[str]) -> str:
    """Ends the process group; what it had said."""
    said = ""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            said, _ = process.communicate(timeout=GRACE_S)
            break
    return said
