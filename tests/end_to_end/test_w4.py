"""Models whose weights fit 4 bits: the same bytes as the integer reference on every core, from half the flash."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgewright import api
from edgewright.frontend import export_onnx, load_model
from edgewright.ops.conv import Conv
from edgewright.ops.dense import Dense
from edgewright.pipeline import simplified, with_scales
from tests.harness.shared_models import shared_file

CORES = ["cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55", "x86-64"]


def four_bit_model(folder: str, to: Path) -> Path:
    """A shared model as QDQ with every weight rounded to [-7, 7]."""
    model = simplified(load_model(shared_file(folder, "model.onnx")))
    graph = with_scales(model, shared_file(folder, "data.npz"), "percentile").graph
    for node in graph.nodes:
        if not isinstance(node.op, Conv | Dense):
            continue
        weights = node.operand(1)
        assert weights.data is not None
        flat = weights.data.reshape(len(weights.data), -1)
        scales = np.maximum(np.abs(flat).max(axis=1) / 7, 1e-9).astype(np.float32)
        rounded = (np.rint(flat / scales[:, None]) * scales[:, None]).astype(np.float32).reshape(weights.shape)
        node.inputs[1] = replace(weights, data=rounded, weight_scales=scales, weight_axis=0)
    path = to / "model.onnx"
    path.write_bytes(export_onnx(graph, quantized=True).SerializeToString())
    return path


def test_autoencoder_on_cortex_m4(tmp_path: Path) -> None:
    """Half the flash of int8 (281,624 bytes) for a tenth more instructions (245,434)."""
    model, data = four_bit_model("mlperf_ad_autoencoder", tmp_path), shared_file("mlperf_ad_autoencoder", "data.npz")
    api.compile(model, "cortex-m4", None, tmp_path / "c", goal="time")
    assert api.build(tmp_path / "c").flash_bytes <= 148_500
    instructions = api.profile(tmp_path / "c").instructions
    assert instructions is not None
    assert instructions <= 270_000
    (emulated,) = api.validate(tmp_path / "c", data, ["emulator"], limit=10).places.values()
    assert emulated.mismatched_bytes == 0


@pytest.mark.parametrize(
    "cpu", [pytest.param(c, marks=[] if c in ("cortex-m0plus", "cortex-m55") else [pytest.mark.slow]) for c in CORES]
)
@pytest.mark.parametrize("goal", ["balanced", pytest.param("ram", marks=pytest.mark.slow)])
def test_keyword_spotting_on_every_core(cpu: str, goal: str, tmp_path: Path) -> None:
    model, data = four_bit_model("mlperf_kws_dscnn", tmp_path), shared_file("mlperf_kws_dscnn", "data.npz")
    made = api.compile(model, cpu, None, tmp_path / "c", goal=goal)
    if cpu != "x86-64":
        assert any("w4" in layer.kernel for layer in made.manifest.layers)
    place = "host" if cpu == "x86-64" else "emulator"
    (result,) = api.validate(tmp_path / "c", data, [place], limit=3).places.values()
    assert result.mismatched_bytes == 0
