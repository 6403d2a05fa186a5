"""The examples run as their text says."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from edgewright import demo
from tests.harness.command import edgewright

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_python_api(tmp_path: Path) -> None:
    command = [sys.executable, str(EXAMPLES / "python_api.py"), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "0 bytes differ" in done.stdout


def test_c_application_reads_a_digit(tmp_path: Path) -> None:
    model, build = tmp_path / "model", tmp_path / "build"
    done = edgewright("compile", demo.model_path(), "-t", "x86-64", "--calib", demo.calibration_path(), "-o", model,
                      "-n", "digits")  # fmt: skip
    assert done.status == 0, done.err
    source = str(EXAMPLES / "c_application")
    subprocess.run(["cmake", "-S", source, "-B", str(build), f"-DMODEL={model}"], capture_output=True, check=True)
    subprocess.run(["cmake", "--build", str(build)], capture_output=True, check=True)
    data = np.load(demo.held_out_path())
    right = 0
    for image, label in list(zip(data["x"], data["y"], strict=True))[:10]:
        pixels = (image.astype(np.float32) - data.get("offset", 0)) * data.get("scale", 1)
        text = " ".join(str(float(v)) for v in np.ravel(pixels))
        done_run = subprocess.run([str(build / "classify")], input=text, capture_output=True, text=True, check=True)
        right += int(done_run.stdout.split()[0]) == int(label)
    assert right >= 9
