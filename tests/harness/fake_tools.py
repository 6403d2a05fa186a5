"""Programs on PATH that stand for outside tools: they record how they were called, and answer from a table."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Answer:
    """What a tool does when its arguments match `when`, a shell pattern: print, wait, end with a status."""

    when: str = "*"
    prints: str = ""
    status: int = 0
    sleep_s: float = 0


@dataclass
class FakeTools:
    """`folder` is all that PATH holds beside the tools of the system."""

    folder: Path

    @property
    def _log(self) -> Path:
        return self.folder / "calls.log"

    def add(self, name: str, *answers: Answer) -> None:
        """The program `name`; the first answer that matches counts, and nothing at all answers status 99."""
        cases = "".join(
            f"{answer.when.replace(' ', '?')}) cat <<'END_OF_ANSWER'\n{answer.prints}\nEND_OF_ANSWER\n"
            f"{f'sleep {answer.sleep_s:g} & wait; ' if answer.sleep_s else ''}exit {answer.status};;\n"
            for answer in answers
        )
        path = self.folder / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> "{self._log}"\ncase "$*" in\n{cases}esac\nexit 99\n')
        path.chmod(0o755)

    def calls(self) -> list[str]:
        """The command lines so far, in order."""
        return self._log.read_text().splitlines() if self._log.exists() else []


def fake_tools(folder: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTools:
    """An empty set of tools in front of everything else."""
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return FakeTools(folder)
