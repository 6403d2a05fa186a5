"""The models of the benchmark and where they are looked for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Benchmark:
    """name: C prefix and row title. model, data: files inside the model folder. title: what it is."""

    name: str
    model: str
    data: str
    title: str


MLPERF_TINY = (
    Benchmark("kws", "mlperf_kws_dscnn/model.onnx", "mlperf_kws_dscnn/data.npz", "keyword spotting, DS-CNN"),
    Benchmark("vww", "mlperf_vww_mbv1/model.onnx", "mlperf_vww_mbv1/data.npz", "visual wake words, MobileNetV1 0.25"),
    Benchmark("ic", "mlperf_ic_resnet8/model.onnx", "mlperf_ic_resnet8/data_jpeg.npz", "image classification, ResNet8"),
    Benchmark(
        "ad", "mlperf_ad_autoencoder/model.onnx", "mlperf_ad_autoencoder/data.npz", "anomaly detection, autoencoder"
    ),
    Benchmark("sww", "mlperf_sww_1dcnn/model.onnx", "mlperf_sww_1dcnn/data.npz", "streaming wake word, 1-D CNN"),
)


def model_folder() -> Path | None:
    """The folder with the MLPerf Tiny models: $EDGEWRIGHT_MODELS, else `../shared/models`; None when absent."""
    given = os.environ.get("EDGEWRIGHT_MODELS")
    folder = Path(given) if given else ROOT.parent / "shared" / "models"
    return folder if folder.is_dir() else None
