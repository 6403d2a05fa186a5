"""The command that measures what pruning keeps: its goals on the shared models, and the page that it writes."""

from pathlib import Path

import pytest
from tools.compression import GOALS, MOST_SECONDS, Goal, measure, write_page

from tests.harness.shared_models import MODELS, shared_file
from tools import compression


@pytest.mark.slow
@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: f"{goal.folder}-{goal.macs}")
def test_goal(goal: Goal) -> None:
    """Held-out top-1 at a share of the work, in seconds and without labels."""
    shared_file(goal.folder, "model.onnx")
    outcome = measure(goal, MODELS)
    assert outcome.macs <= goal.macs
    assert outcome.refitted >= goal.least
    assert outcome.raw_l1 < outcome.refitted
    assert outcome.seconds <= MOST_SECONDS


def test_the_page_keeps_what_stands_around_its_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{compression.BEGIN}\nold\n{compression.END}\nafter\n")
    monkeypatch.setattr(compression, "PAGE", page)
    write_page([["kws", "59 %"]], [["ulface"]])
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "| kws | 59 % |" in text
    assert "old" not in text
