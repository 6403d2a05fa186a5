"""Runs the `edgewright` command as a user does: its own process, its own status."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

PROGRAM = [sys.executable, "-m", "edgewright"]


@dataclass(frozen=True)
class Outcome:
    """status: exit code. out, err: what was printed."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document on standard output (an error if there is anything else)."""
        document: dict[str, Any] = json.loads(self.out)
        return document


def edgewright(*arguments: object) -> Outcome:
    """The outcome of `edgewright ARGUMENTS`."""
    done = subprocess.run([*PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=600)
    return Outcome(done.returncode, done.stdout, done.stderr)
