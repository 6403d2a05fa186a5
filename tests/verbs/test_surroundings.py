"""The verbs that tell of the machine, also of one on which something is missing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.harness.command import edgewright


def without_plugins(emulator: str, folder: Path) -> str:
    """A PATH on which `emulator` is a build without plugins."""
    wrapper = folder / emulator
    real = shutil.which(emulator)
    wrapper.write_text(
        f"""#!/bin/sh
for word; do
    if [ "$word" = -plugin ]; then
        echo "{emulator}: -plugin: invalid option" >&2
        exit 1
    fi
done
exec {real} "$@"
"""
    )
    wrapper.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_the_demo_shows_what_it_can_without_a_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", without_plugins("qemu-system-arm", tmp_path))
    done = edgewright("demo", "-o", tmp_path / "demo", "--json")
    assert done.status == 0, done.err
    document = done.document
    assert document["instructions"] is None
    assert document["count_problem"].startswith("qemu-system-arm: this build of QEMU has no plugins")
    assert document["int8_accuracy"] > 0.9
    assert document["mismatched_bytes"] == 0
    assert document["flash_bytes"] > document["ram_bytes"] > 0


def test_doctor_says_what_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = (
        row for row in edgewright("doctor", "--json").document["counting"] if row["emulator"] == "qemu-system-arm"
    )
    assert row["problem"] is None
    assert row["api"]["least"] <= row["api"]["used"] <= row["api"]["most"]
    monkeypatch.setenv("PATH", without_plugins("qemu-system-arm", tmp_path))
    done = edgewright("doctor", "--json")
    assert done.status == 0
    (row,) = (row for row in done.document["counting"] if row["emulator"] == "qemu-system-arm")
    assert row["api"] is None
    assert "has no plugins" in row["problem"]
    assert "has no plugins" in " ".join(edgewright("doctor").out.split())
