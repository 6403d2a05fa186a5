"""The demo's model and data are what SOURCE.md says."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from edgewright import demo

OPS = {"Conv", "Relu", "Add", "GlobalAveragePool", "Flatten", "Gemm"}


def load(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as data:
        return dict(data)


def test_model_is_small_plain_onnx() -> None:
    model = onnx.load(demo.model_path())
    assert demo.model_path().stat().st_size < 200_000
    assert [entry.version for entry in model.opset_import] == [17]
    assert {node.op_type for node in model.graph.node} == OPS
    # An exporter's doc strings quote the source paths of the machine that ran it.
    assert not any(node.doc_string for node in model.graph.node)


@pytest.mark.parametrize(("path", "samples"), [(demo.held_out_path(), 500), (demo.calibration_path(), 100)])
def test_data_have_the_documented_form(path: Path, samples: int) -> None:
    data = load(path)
    assert data["x"].shape == (samples, 1, 8, 8)
    assert data["x"].dtype == data["y"].dtype == np.uint8
    assert data["x"].max() == 16
    assert data["scale"] == np.float32(1 / 16)
    assert data["offset"] == 0
    assert set(data["y"]) == set(range(10))


def test_calibration_and_held_out_samples_are_disjoint() -> None:
    seen = {image.tobytes() for image in load(demo.calibration_path())["x"]}
    assert seen.isdisjoint(image.tobytes() for image in load(demo.held_out_path())["x"])


def test_float_accuracy() -> None:
    data = load(demo.held_out_path())
    session = onnxruntime.InferenceSession(demo.model_path(), providers=["CPUExecutionProvider"])
    x = (data["x"] - data["offset"]) * data["scale"]
    answers = [session.run(None, {"image": image[None]})[0].argmax() for image in x.astype(np.float32)]
    assert np.mean(answers == data["y"]) == pytest.approx(0.994, abs=0.002)
