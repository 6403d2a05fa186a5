"""What people count on unsaid: nothing of theirs is lost, paths may be strings, every mistake is one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgewright import api, demo
from edgewright.targets.folders import target_folders
from tests.harness.command import PROGRAM, edgewright

MODEL, CALIB, DATA = demo.model_path(), demo.calibration_path(), demo.held_out_path()


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo model compiled for Cortex-M4."""
    folder = tmp_path_factory.mktemp("manners") / "digits"
    api.compile(MODEL, "cortex-m4", CALIB, folder, method="minmax", name="digits")
    return folder


def test_the_model_that_is_read_is_never_written(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(MODEL.read_bytes())
    for verb in (["quantize", "--calib", CALIB], ["prune", "--amount", 0.1, "--calib", CALIB]):
        done = edgewright(verb[0], model, *verb[1:], "-o", model)
        assert done.status == 2
        assert "is the model that is read" in done.err
    assert model.read_bytes() == MODEL.read_bytes()


def test_paths_may_be_strings(digits: Path, tmp_path: Path) -> None:
    folder = str(tmp_path / "digits")
    api.compile(str(MODEL), "cortex-m4", str(CALIB), folder, method="minmax")
    assert api.inspect(str(MODEL)).supported
    assert api.build(str(digits)).name == "digits"
    assert api.profile(str(digits)).name == "digits"
    assert api.report(str(digits)).build is not None
    assert set(api.validate(str(digits), str(DATA), "host", limit=2).places) == {"host"}
    assert api.quantize(str(MODEL), str(tmp_path / "q.onnx"), str(CALIB), method="minmax").bytes > 0
    assert api.prune(str(MODEL), str(tmp_path / "p.onnx"), options=api.PruneOptions(method="lossless")).output


def test_after_validation_a_folder_holds_c_for_its_target_alone(digits: Path) -> None:
    assert api.validate(digits, DATA, "host", limit=1).places
    kept = {path.relative_to(digits).parts[0] for kind in ("*.c", "*.S") for path in digits.rglob(kind)}
    assert "host" not in kept
    assert "runtime" in kept


def test_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*PROGRAM, "targets"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "edgewright: standard output: No space left on device\n"


def test_an_interrupt_while_loading_is_one_line() -> None:
    program = """
import sys

class Interrupted:
    def find_spec(self, name, *rest):
        if name == "edgewright.cli":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupted())
from edgewright.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "edgewright: interrupted\n")


def test_a_home_that_cannot_be_read_has_no_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert all("config" not in str(folder) for folder in target_folders())
