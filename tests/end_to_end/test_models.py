"""Every shared model on every kind of core: the same bytes as the integer reference, and the accuracy kept."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from edgewright import api
from edgewright.errors import BudgetError
from edgewright.kernels import Goal
from edgewright.kernels.price import OPTIMIZE
from edgewright.targets import cpu_names, load_cpu
from tests.harness.shared_models import MODELS, shared_file

CPUS = cpu_names()
SHAPES = {"ppocr_cls_mobile/model_dynamic.onnx": {"x": (1, 3, 48, 192)}}


def model_files() -> list[str]:
    """`folder/model*.onnx` of every folder, in order; one name that cannot be found when there are none."""
    if not MODELS.is_dir():
        return ["mlperf_kws_dscnn/model.onnx"]
    return sorted(str(path.relative_to(MODELS)) for path in MODELS.glob("*/model*.onnx"))


def mlperf_files() -> list[str]:
    """The models of MLPerf Tiny."""
    return [name for name in model_files() if name.startswith("mlperf_") and name.endswith("/model.onnx")]


def data_file(model: str) -> Path:
    """The data that belong to a model."""
    folder = shared_file(model).parent
    return next(path for name in ("data.npz", "data_jpeg.npz") if (path := folder / name).is_file())


def compile_and_validate(model: str, cpu: str, folder: Path, samples: int, goal: str = "balanced") -> api.Validated:
    """The validation of a model on a CPU's emulator (or on the host)."""
    data = data_file(model)
    shapes = SHAPES.get(model, {})
    api.compile(shared_file(model), cpu, data, folder, name="model", method="minmax", shapes=shapes, goal=goal)
    place = "host" if load_cpu(cpu).arch == "host" else "emulator"
    return api.validate(folder, data, place, limit=samples)


@pytest.mark.slow
@pytest.mark.parametrize("cpu", CPUS)
@pytest.mark.parametrize("model", model_files())
def test_model_gives_the_same_bytes_everywhere(model: str, cpu: str, tmp_path: Path) -> None:
    try:
        result = compile_and_validate(model, cpu, tmp_path / "out", 2)
    except BudgetError as error:
        pytest.skip(f"does not fit: {error}")
    (place,) = result.places.values()
    assert place.mismatched_bytes == 0


@pytest.mark.slow
@pytest.mark.parametrize("optimize", ["-O2", "-O3", "-Os"])
@pytest.mark.parametrize("cpu", CPUS)
@pytest.mark.parametrize("model", mlperf_files())
def test_model_gives_the_same_bytes_however_gcc_optimizes(
    model: str, cpu: str, optimize: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPTIMIZE, Goal.TIME, optimize)
    result = compile_and_validate(model, cpu, tmp_path / "out", 1, "time")
    assert json.loads((tmp_path / "out/model_manifest.json").read_text())["optimize"] == optimize
    (place,) = result.places.values()
    assert place.mismatched_bytes == 0


@pytest.mark.parametrize("cpu", CPUS)
def test_keyword_spotting_gives_the_same_bytes_everywhere(cpu: str, tmp_path: Path) -> None:
    result = compile_and_validate("mlperf_kws_dscnn/model.onnx", cpu, tmp_path / "out", 2)
    (place,) = result.places.values()
    assert place.mismatched_bytes == 0


@dataclass(frozen=True)
class Kept:
    """What quantization with at most 100 samples must keep. drop: points of top-1; agreement: share."""

    model: str
    drop: float
    agreement: float


@pytest.mark.parametrize("kept", [
    Kept("mlperf_kws_dscnn/model.onnx", 0.5, 0.985),
    Kept("mlperf_ic_resnet8/model.onnx", 0.5, 0.97),
    Kept("mlperf_vww_mbv1/model.onnx", 0.8, 0.98),  # one image of 128 is 0.78 points
    Kept("mlperf_sww_1dcnn/model.onnx", 0.5, 0.97),
    Kept("zoo_mnist8/model.onnx", 0.2, 0.99),
], ids=lambda kept: kept.model.split("/")[0])  # fmt: skip
def test_accuracy_is_kept(kept: Kept, tmp_path: Path) -> None:
    result = _reference_only(kept.model, tmp_path, 1000)
    reference = result.reference
    assert result.float_accuracy is not None
    assert reference.accuracy is not None
    assert 100 * (result.float_accuracy - reference.accuracy) <= kept.drop
    assert reference.agreement is not None
    assert reference.agreement >= kept.agreement


def test_reconstruction_is_kept(tmp_path: Path) -> None:
    result = _reference_only("mlperf_ad_autoencoder/model.onnx", tmp_path, 98)
    error = result.reconstruction_mse
    assert error is not None
    assert abs(error["int8"] / error["float"] - 1) <= 0.01
    assert result.reference.rmse**2 <= 0.08


def _reference_only(model: str, folder: Path, limit: int) -> api.Validated:
    """Float model and integer reference, without any place; at most 100 calibration samples."""
    data = data_file(model)
    calib = folder / "calib.npz"
    _first_hundred(data, calib)
    api.compile(shared_file(model), "x86-64", calib, folder / "out", name="model")
    return api.validate(folder / "out", data, [], limit=limit)


def _first_hundred(data: Path, calib: Path) -> None:
    arrays = dict(np.load(data))
    pick = np.linspace(0, len(arrays["x"]) - 1, min(100, len(arrays["x"]))).astype(int)
    np.savez(calib, **{k: v[pick] if k == "x" else v for k, v in arrays.items() if k in ("x", "scale", "offset")})
