"""The command that measures 4-bit weights: its goals on the shared models, and the page that it writes."""

from pathlib import Path

import numpy as np
import pytest
from tools.rounding import GOALS, Goal, Outcome, Program, halved, measure, synthetic_anomalies, write_page

from tests.harness.shared_models import MODELS, shared_file
from tools import rounding


@pytest.mark.slow
@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: f"{goal.folder}-{goal.weights}")
def test_goal(goal: Goal) -> None:
    """On samples that took no part."""
    shared_file(goal.folder, "model.onnx")
    assert measure(goal, MODELS).short_of(goal) == []


@pytest.mark.slow
def test_autoencoder() -> None:
    """With its narrow layers in 8 bits it keeps its scores; with all in 4 bits it fits the flash."""
    shared_file("sinian_ad", "data.npz")
    mixed, narrow = (rounding.autoencoder(MODELS, weights) for weights in ("mixed:0.993", "int4"))
    assert mixed.growth <= 0.8
    assert mixed.difference <= 0.18
    assert mixed.rank >= 0.994
    assert narrow.flash_bytes <= 148_500
    assert max(mixed.instructions, narrow.instructions) <= 270_000


def test_what_is_missed_is_said() -> None:
    goal = Goal(
        "kws", "f", "d", None, "int4", points=1.0, agreement=0.98, parameters=100,
        programs=(Program("cortex-m4", "flash", 50), Program("cortex-m0plus", "time", None, 7)),
    )  # fmt: skip
    assert Outcome((0.91, 0.90), 0.98, 100, ("minmax",), (50, 60), (0, 7), 1.0).short_of(goal) == []
    missed = Outcome((0.91, 0.89), 0.97, 101, ("minmax",), (51, 60), (0, 8), 1.0).short_of(goal)
    assert [text.split()[0] for text in missed] == ["top-1", "agreement", "parameters", "flash", "instructions"]


def test_halves_keep_scale_and_labels(tmp_path: Path) -> None:
    arrays = {"x": np.arange(6).reshape(6, 1), "y": np.arange(6), "scale": np.float32(0.5)}
    half = np.load(halved(arrays, slice(1, None, 2), tmp_path / "h.npz"))
    assert (half["x"][:, 0].tolist(), half["y"].tolist(), float(half["scale"])) == ([1, 3, 5], [1, 3, 5], 0.5)


def test_anomalies_are_what_they_are_called() -> None:
    x = np.zeros((3, 640))
    noise, tone, gain, roll, impulse = synthetic_anomalies(x)
    assert 2.5 < noise.std() < 3.5
    assert sorted(np.unique(tone)) == [0, 15]
    assert (gain == -6).all()
    assert (roll == 0).all()
    assert int((impulse == 12).sum()) == 3 * 128


def test_the_page_keeps_what_stands_around_its_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{rounding.BEGIN}\nold\n{rounding.END}\nafter\n")
    monkeypatch.setattr(rounding, "PAGE", page)
    write_page([["kws", "int4"]], [["int8"]])
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "| kws | int4 |" in text
    assert "old" not in text
