"""Small models from outside that once gave wrong numbers, each with what ONNX Runtime makes of it."""

import os
from pathlib import Path

import pytest

from tests.harness.shared_models import ROOT

CASES = Path(os.environ.get("EDGEWRIGHT_CASES", ROOT.parent / "shared" / "cases"))


def case_names() -> list[str]:
    """The folders of all cases, in order; one name that cannot be found when there are none."""
    if not CASES.is_dir():
        return ["qdq_conv_relu"]
    return sorted(path.name for path in CASES.iterdir() if (path / "model.onnx").is_file())


def case_folder(name: str) -> Path:
    """The folder of a case: `model.onnx`, `data.npz` with `expectedK`, `calib.npz`; skipped when it is not there."""
    if not (CASES / name / "model.onnx").is_file():
        pytest.skip(f"{name} is not among the shared cases; EDGEWRIGHT_CASES names their folder")
    return CASES / name
