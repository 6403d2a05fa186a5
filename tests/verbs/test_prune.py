"""`prune` as a verb: it measures what it did, and writes no ruined model."""

import importlib.util
from pathlib import Path

import numpy as np
import onnx
import pytest

from edgewright import api, demo
from edgewright.errors import AccuracyError, ToolError, UsageError
from tests.harness.command import edgewright

MODEL, CALIB, DATA = demo.model_path(), demo.calibration_path(), demo.held_out_path()


def test_a_repaired_model_is_written_and_judged_on_other_data(tmp_path: Path) -> None:
    options = ("--target-macs", 0.7, "--calib", CALIB, "--data", DATA)
    done = edgewright("prune", MODEL, "-o", tmp_path / "p.onnx", *options, "--json")
    assert done.status == 0, done.err
    document = done.document
    assert document["totals"]["macs_after"] <= 0.7 * document["totals"]["macs_before"]
    assert document["method"] == "obs"
    assert document["refitted_layers"] > 0
    quality = document["quality"]
    assert quality["samples"] == len(np.load(DATA)["x"])
    assert quality["drop"] == pytest.approx(100 * (quality["accuracy_before"] - quality["accuracy_after"]))
    assert quality["drop"] < 5
    onnx.checker.check_model(onnx.load(tmp_path / "p.onnx"))


def test_a_ruined_model_is_an_error_and_is_not_written(tmp_path: Path) -> None:
    out = tmp_path / "p.onnx"
    cut = ("prune", MODEL, "-o", out, "--amount", 0.6, "--method", "random", "--no-refit", "--calib", CALIB)
    done = edgewright(*cut)
    assert done.status == 5
    assert "leave --no-refit out, or --allow-ruin" in " ".join(done.err.split())
    assert "NOTHING" in done.out
    assert "top-1" in done.out
    assert edgewright(*cut, "--json").document["output"] is None
    assert list(tmp_path.iterdir()) == []
    assert edgewright(*cut, "--allow-ruin").status == 0
    assert out.is_file()


def test_without_data_nothing_can_be_known(tmp_path: Path) -> None:
    done = edgewright("prune", MODEL, "-o", tmp_path / "p.onnx", "--amount", 0.5)
    assert done.status == 5
    assert "give --calib DATA.npz" in " ".join(done.err.split())
    assert "RANDOM" in done.out
    assert list(tmp_path.iterdir()) == []


def test_the_same_data_never_calibrate_and_judge(tmp_path: Path) -> None:
    count = len(np.load(CALIB)["x"])
    result = api.prune(MODEL, tmp_path / "p.onnx", CALIB, options=api.PruneOptions(0.1, allow_ruin=True))
    assert result.calibration == (count + 1) // 2
    assert result.quality.samples == count // 2


def test_one_sample_cannot_calibrate_and_judge(tmp_path: Path) -> None:
    data = dict(np.load(CALIB))
    np.savez(tmp_path / "one.npz", **{key: v[:1] if v.ndim else v for key, v in data.items()})
    with pytest.raises(UsageError, match="no samples are left to judge on"):
        api.prune(MODEL, tmp_path / "p.onnx", tmp_path / "one.npz", options=api.PruneOptions(0.3))


def test_lossless_with_a_limit_is_no_search(tmp_path: Path) -> None:
    options = api.PruneOptions(max_drop=0.5, method="lossless")
    assert api.prune(MODEL, tmp_path / "p.onnx", CALIB, DATA, options).quality.drop == 0.0


def test_as_much_as_the_loss_allows(tmp_path: Path) -> None:
    result = api.prune(MODEL, tmp_path / "p.onnx", CALIB, DATA, api.PruneOptions(max_drop=1.0))
    assert result.quality.drop <= 1.0
    assert result.report.after.macs < 0.95 * result.report.before.macs
    result.check()


def test_an_amount_with_a_limit_is_a_gate(tmp_path: Path) -> None:
    options = api.PruneOptions(amount=0.7, max_drop=0.0, method="l1", refit=False)
    result = api.prune(MODEL, tmp_path / "p.onnx", CALIB, DATA, options)
    assert result.output is None
    with pytest.raises(AccuracyError, match=r"digits.onnx: not written: top-1 went from .*, 0 allowed"):
        result.check()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "how much"),
        ({"amount": 0.3, "target_macs": 0.5}, "--amount and --target-macs: give one of them"),
        ({"amount": 1.5}, "must be above 0 and below 1"),
        ({"max_drop": -1.0}, "--max-drop -1: must be 0 or more"),
        ({"target_bytes": 3.0}, "out of reach"),
        ({"amount": 0.3, "method": "best"}, "must be one of obs"),
        ({"amount": 0.3, "finetune": -1}, "--finetune -1: must be 0 or more epochs"),
    ],
)
def test_bad_options(options: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        api.prune(MODEL, tmp_path / "p.onnx", CALIB, DATA, api.PruneOptions(**options))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_sensitivity_is_a_table_and_writes_nothing(tmp_path: Path) -> None:
    done = edgewright("prune", MODEL, "--sensitivity", "--calib", CALIB, "--data", DATA, "--no-refit", "--json")
    assert done.status == 0, done.err
    cuts = done.document["cuts"]
    assert len({cut["family"] for cut in cuts}) > 1
    assert all(cut["quality"]["accuracy_before"] > 0.9 for cut in cuts)
    assert edgewright("prune", MODEL, "--sensitivity", "--calib", CALIB, "--no-refit").out.count("%") >= len(cuts)


def test_a_picture_or_how_to_get_one(tmp_path: Path) -> None:
    def draw() -> None:
        options = api.PruneOptions(refit=False)
        api.sensitivity(MODEL, CALIB, options=options, picture=tmp_path / "cost.svg")

    if importlib.util.find_spec("matplotlib"):
        draw()
        assert (tmp_path / "cost.svg").is_file()
    else:
        with pytest.raises(ToolError, match="pip install matplotlib"):
            draw()


def test_finetuning_goes_on_where_the_refit_ends(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="training is tested where PyTorch is installed: make test-train")
    cut = ("prune", MODEL, "-o", tmp_path / "p.onnx", "--target-macs", 0.35, "--calib", CALIB, "--data", DATA)
    document = edgewright(*cut, "--json").document
    assert "finetuned" not in document
    tuned = edgewright(*cut, "--finetune", 30, "--json")
    assert tuned.status == 0, tuned.err
    finetuned, quality = tuned.document["finetuned"], tuned.document["quality"]
    assert finetuned["before"] == document["quality"]
    assert len(finetuned["training"]["epochs"]) == 31
    assert quality["drop"] < document["quality"]["drop"]
    assert tuned.document["totals"] == document["totals"]
    onnx.checker.check_model(onnx.load(tmp_path / "p.onnx"))
    with pytest.raises(UsageError, match="--finetune: learns from data and there is none"):
        api.prune(MODEL, tmp_path / "q.onnx", options=api.PruneOptions(0.1, finetune=1))
    assert not (tmp_path / "q.onnx").exists()


def test_a_finetuning_that_ruins_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="training is tested where PyTorch is installed: make test-train")
    monkeypatch.setattr("edgewright.verbs.prune.finetuning", lambda epochs: api.DistillOptions(epochs, lr=0.5))
    result = api.prune(MODEL, tmp_path / "p.onnx", CALIB, DATA, api.PruneOptions(0.1, max_drop=100.0, finetune=1))
    assert result.output is None
    with pytest.raises(AccuracyError, match="--finetune made it worse"):
        result.check()
    assert list(tmp_path.iterdir()) == []


def test_somewhere_to_write() -> None:
    done = edgewright("prune", MODEL, "--amount", 0.3)
    assert done.status == 2
    assert "-o OUT.onnx" in done.err
