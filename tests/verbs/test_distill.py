"""`distill` as a verb: a pruned student recovers, is judged on other data, and goes on where it was stopped."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import ModelProto

from edgewright import api, demo
from edgewright.errors import AccuracyError, ToolError, UnsupportedError, UsageError
from edgewright.frontend import load_model
from edgewright.pipeline import integer_form, simplified, with_scales
from edgewright.quantize import load_samples, quantized_inputs, run_integer
from edgewright.train import INSTALL
from tests.harness.command import edgewright
from tests.harness.shared_models import ROOT
from tests.harness.small_models import model, node, weights

TEACHER, CALIB, DATA = demo.model_path(), demo.calibration_path(), demo.held_out_path()
QUICK = api.DistillOptions(epochs=4, lr=0.01, batch=20)
with_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None,
    reason="training is tested where PyTorch is installed: make test-train",
)


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's network without half of its work, nothing refitted."""
    path = tmp_path_factory.mktemp("student") / "student.onnx"
    api.prune(TEACHER, path, CALIB, DATA, api.PruneOptions(target_macs=0.5, refit=False, allow_ruin=True))
    return path


@with_torch
def test_a_student_recovers_and_is_judged_on_other_data(student: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.onnx"
    options = ("--teacher", TEACHER, "--data", CALIB, "--judge", DATA, "--epochs", 30, "--lr", 0.01, "--batch", 20)
    done = edgewright("distill", student, *options, "--augment", "image", "--json", "-o", out)
    assert done.status == 0, done.err
    document = done.document
    before, after = document["before"], document["after"]
    assert before["samples"] == len(np.load(DATA)["x"])
    assert after["accuracy_after"] > before["accuracy_after"] + 0.1
    training = document["training"]
    assert training["samples"] + training["held_out"] == len(np.load(CALIB)["x"])
    assert len(training["epochs"]) == 31
    losses = [epoch["held_out"] for epoch in training["epochs"]]
    assert losses[training["best_epoch"]] == min(losses[1:]) < losses[0]
    onnx.checker.check_model(onnx.load(out))
    assert out.stat().st_size == pytest.approx(student.stat().st_size, rel=0.1)


@with_torch
def test_people_see_teacher_student_and_result(student: Path, tmp_path: Path) -> None:
    options = ("--teacher", TEACHER, "--data", CALIB, "--epochs", 2, "--lr", 0.01, "--batch", 20)
    done = edgewright("distill", student, *options, "-o", tmp_path / "out.onnx")
    assert done.status == 0, done.err
    for word in ("teacher", "student as it came", "distilled", "top-1", "50 samples that had no part in it"):
        assert word in done.out


@with_torch
@pytest.mark.parametrize(
    "options",
    [
        QUICK,
        replace(QUICK, batch_norm=True, mixup=0.4, augment="image", labels=0.5, patience=3),
        replace(QUICK, hints=0.1, augment="spectrogram"),
        replace(QUICK, weights="int4", epochs=3),
    ],
    ids=["plain", "normalized, mixed, labelled", "hinted", "integers"],
)
def test_interrupted_and_resumed_is_uninterrupted(student: Path, tmp_path: Path, options: api.DistillOptions) -> None:
    whole = api.distill(student, TEACHER, tmp_path / "whole.onnx", CALIB, DATA, options)
    assert whole.training.best > 0
    kept, out = tmp_path / "state", tmp_path / "resumed.onnx"

    def stop(done: int, total: int) -> None:
        if done > 0.6 * total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        api.distill(student, TEACHER, out, CALIB, DATA, options, api.Resumption(kept), progress=stop)
    assert not out.exists()
    assert [path.name for path in kept.iterdir()] == ["training.npz"]
    resumed = api.distill(student, TEACHER, out, CALIB, DATA, options, api.Resumption(kept, resume=True))
    assert resumed.training == whole.training
    assert out.read_bytes() == (tmp_path / "whole.onnx").read_bytes()


@with_torch
def test_a_checkpoint_is_not_taken_for_another(student: Path, tmp_path: Path) -> None:
    kept, out = tmp_path / "state", tmp_path / "out.onnx"

    def run(options: api.DistillOptions, resume: bool) -> None:
        api.distill(student, TEACHER, out, CALIB, DATA, options, api.Resumption(kept, resume))

    with pytest.raises(UsageError, match=r"--resume: there is no training\.npz"):
        run(QUICK, resume=True)
    run(QUICK, resume=False)
    with pytest.raises(UsageError, match="--resume goes on with it"):
        run(QUICK, resume=False)
    with pytest.raises(UsageError, match=r"of a training with --lr 0\.01, now 0\.02"):
        run(replace(QUICK, lr=0.02), resume=True)
    with pytest.raises(UsageError, match="--resume: of what"):
        api.Resumption(resume=True)
    arrays = dict(np.load(kept / "training.npz"))
    for lost in ("best", "now0", "exp_avg1", "header"):
        np.savez(kept / "training.npz", **{key: data for key, data in arrays.items() if key != lost})
        with pytest.raises(UsageError, match=r"training\.npz: (lacks a part|is no checkpoint)"):
            run(QUICK, resume=True)
    (kept / "training.npz").write_bytes(b"nothing")
    with pytest.raises(UsageError, match=r"not a \.npz file"):
        run(QUICK, resume=True)


@with_torch
def test_what_is_no_better_is_an_error_and_is_not_written(tmp_path: Path) -> None:
    """A student that is its teacher has nothing to learn; what a large learning rate makes of it is not kept."""
    done = edgewright(
        "distill", TEACHER, "--teacher", TEACHER, "--data", CALIB, "--epochs", 1, "--lr", 0.5, "-o", tmp_path / "o.onnx"
    )  # fmt: skip
    assert done.status == 5
    assert "that was 0.0 before training; try another --lr" in " ".join(done.err.split())
    assert "NOTHING" in done.out
    assert list(tmp_path.iterdir()) == []


@with_torch
def test_a_training_that_diverges_says_so(student: Path, tmp_path: Path) -> None:
    with pytest.raises(AccuracyError, match="lower --lr"):
        api.distill(student, TEACHER, tmp_path / "o.onnx", CALIB, DATA, replace(QUICK, lr=1e30))
    assert list(tmp_path.iterdir()) == []


def saved(proto: ModelProto, path: Path) -> Path:
    path.write_bytes(proto.SerializeToString())
    return path


@with_torch
def test_student_and_teacher_must_match(student: Path, tmp_path: Path) -> None:
    shape = {"image": [1, 1, 8, 8]}
    flat = [node("Flatten image -> f"), node("MatMul f,w -> y")]
    narrow = saved(model(flat, shape, {"w": weights(64, 9)}), tmp_path / "narrow.onnx")
    ends = [*flat[:1], node("MatMul f,w -> z"), node("Softmax z -> y")]
    soft = saved(model(ends, shape, {"w": weights(64, 10)}), tmp_path / "soft.onnx")
    wide = saved(model(flat, {"image": [1, 1, 9, 8]}, {"w": weights(72, 10)}), tmp_path / "wide.onnx")
    rounded = saved(model([node("Floor image -> g"), node("Flatten g -> f"), flat[1]], shape, {"w": weights(64, 10)}),
                    tmp_path / "floor.onnx")  # fmt: skip
    for path, error, message in (
        (narrow, UsageError, r"has the outputs 'y' \[1, 9\], digits.onnx 'logits' \[1, 10\]; give a student"),
        (wide, UsageError, r"has the inputs 'image' \[1, 1, 9, 8\]"),
        (soft, UsageError, "ends in a softmax, digits.onnx in none"),
        (rounded, UnsupportedError, r"\(floor\): floor cannot be trained through"),
    ):
        with pytest.raises(error, match=message):
            api.distill(path, TEACHER, tmp_path / "o.onnx", CALIB, DATA, QUICK)
    assert not (tmp_path / "o.onnx").exists()


@with_torch
def test_data_that_do_not_do(student: Path, tmp_path: Path) -> None:
    data = dict(np.load(CALIB))
    unlabelled, one, wrong = (tmp_path / f"{name}.npz" for name in ("unlabelled", "one", "wrong"))
    np.savez(unlabelled, **{key: v for key, v in data.items() if key != "y"})
    np.savez(one, **{key: v[:2] if v.ndim else v for key, v in data.items()})
    np.savez(wrong, **{**data, "y": data["y"] + 5})
    for path, options, message in (
        (unlabelled, replace(QUICK, labels=0.5), "needs an array 'y' in the data"),
        (one, QUICK, "at least 2 are needed"),
        (wrong, replace(QUICK, labels=0.5), "label 14, the model has 10 outputs"),
    ):
        with pytest.raises(UsageError, match=message):
            api.distill(student, TEACHER, tmp_path / "o.onnx", path, DATA if path != one else None, options)
    result = api.distill(student, TEACHER, tmp_path / "o.onnx", unlabelled, DATA, QUICK)
    assert result.output is not None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "--epochs 0: must be 1 or more"),
        ({"lr": 0.0}, "--lr 0: must be greater than 0"),
        ({"lr": float("nan")}, "--lr nan: must be greater than 0"),
        ({"labels": 1.5}, "between 0 and 1"),
        ({"augment": "sound"}, "must be one of none, image, spectrogram"),
        ({"weights": "int5"}, "must be one of int8, int4"),
        ({"weights": "int8", "batch_norm": True}, "give one of them"),
    ],
)
def test_bad_options(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        api.DistillOptions(**options)  # type: ignore[arg-type]


@with_torch
@pytest.mark.parametrize(("weights_of", "most"), [("int8", 127), ("int4", 7)])
def test_what_was_trained_is_what_runs(student: Path, tmp_path: Path, weights_of: str, most: int) -> None:
    """The QDQ model, read again and compiled, gives the quality that the training saw, and can be trained on."""
    out = tmp_path / "out.onnx"
    options = replace(QUICK, epochs=6, augment="image", weights=weights_of)
    result = api.distill(student, TEACHER, out, CALIB, DATA, options)
    assert result.after.drop < result.before.drop
    scaled = with_scales(simplified(load_model(out)), None).graph
    integer = integer_form(scaled)
    assert max(int(np.abs(n.op.weights).max()) for n in integer.nodes if hasattr(n.op, "weights")) == most
    samples = load_samples(DATA, scaled.inputs)
    outputs = [run_integer(integer, quantized_inputs(integer, sample))[0] for sample in samples]
    right = np.mean([int(y.argmax()) for y in outputs] == samples.labels)
    assert result.after.accuracy is not None
    assert right == result.after.accuracy[1]
    compiled = api.compile(out, "cortex-m4", None, tmp_path / "c")
    assert compiled.manifest.quantization["method"] == "model"
    again = api.distill(out, TEACHER, tmp_path / "again.onnx", CALIB, DATA, replace(options, epochs=1, lr=1e-6))
    assert again.before == result.after


@with_torch
def test_a_quantized_student_needs_integers(tmp_path: Path) -> None:
    api.quantize(TEACHER, tmp_path / "q.onnx", CALIB, method="minmax")
    with pytest.raises(UsageError, match=r"q\.onnx: is quantized already; give the float model, or train integers"):
        api.distill(tmp_path / "q.onnx", TEACHER, tmp_path / "o.onnx", CALIB, DATA, QUICK)
    with pytest.raises(UsageError, match=r"q\.onnx: is quantized already; give the float model$"):
        api.distill(TEACHER, tmp_path / "q.onnx", tmp_path / "o.onnx", CALIB, DATA, QUICK)


@with_torch
def test_a_picture_or_how_to_get_one(student: Path, tmp_path: Path) -> None:
    def draw() -> None:
        api.distill(student, TEACHER, tmp_path / "o.onnx", CALIB, DATA, QUICK, picture=tmp_path / "curve.svg")

    if importlib.util.find_spec("matplotlib"):
        draw()
        assert (tmp_path / "curve.svg").is_file()
    else:
        with pytest.raises(ToolError, match="pip install matplotlib"):
            draw()


def test_without_pytorch_it_says_how_to_get_it(tmp_path: Path) -> None:
    program = "import sys; sys.modules['torch'] = None; from edgewright.cli import main; main()"
    arguments = ["distill", TEACHER, "--teacher", TEACHER, "--data", CALIB, "-o", tmp_path / "o.onnx"]
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 7
    assert INSTALL in " ".join(done.stderr.split())
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_extra_installs_what_the_message_says() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert extras["train"] == [INSTALL.removeprefix("pip install ")]
