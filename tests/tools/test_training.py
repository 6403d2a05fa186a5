"""The command that measures what training adds: its goals on the shared models, and the page that it writes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tools.training import GOALS, Goal, Outcome, measure, write

from tests.harness.shared_models import MODELS, shared_file
from tools import training

MET = Outcome(0.6, 0.91, 0.91, 0.9, 0.905, 0.9, 2_000_000, 30.0)


@pytest.mark.slow
@pytest.mark.parametrize("goal", [goal for goal in GOALS if goal.name == "kws-60"], ids=lambda goal: goal.name)
def test_goal(goal: Goal) -> None:
    """Held-out top-1 after a training; those that take longer are measured by the command."""
    pytest.importorskip("torch", reason="training is tested where PyTorch is installed: make test-train")
    shared_file(goal.folder, "model.onnx")
    outcome = measure(goal, MODELS)
    assert outcome.missed(goal) is None
    assert outcome.trained > outcome.refitted
    assert outcome.macs <= goal.macs


def test_what_is_missed() -> None:
    float_goal = next(goal for goal in GOALS if goal.least is not None)
    int8_goal = next(goal for goal in GOALS if goal.drop is not None)
    assert MET.missed(float_goal) is None
    assert "top-1" in (replace(MET, trained=0.89).missed(float_goal) or "")
    assert MET.missed(int8_goal) is None
    assert "int8" in (replace(MET, trained_int8=0.87).missed(int8_goal) or "")
    assert "1201 s" in (replace(MET, seconds=1201.0).missed(int8_goal) or "")


def test_the_page_keeps_what_was_measured_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{training.BEGIN}\nold\n{training.END}\nafter\n")
    monkeypatch.setattr(training, "PAGE", page)
    monkeypatch.setattr(training, "RECORD", tmp_path / "record.json")
    write(GOALS[1], MET)
    write(GOALS[2], replace(MET, trained=0.123))
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "**0.905**" in text
    assert "**0.123**" in text
    assert "2,000,000" in text
    assert "old" not in text
