"""`--weights` and `--max-drop` as users meet them: a table, a record, exit code 5 and nothing written."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgewright import api, demo
from edgewright.errors import UsageError
from tests.harness.command import edgewright

MODEL, CALIB = demo.model_path(), demo.calibration_path()


def test_four_bits_are_listed_recorded_and_run_to_the_byte(tmp_path: Path) -> None:
    out = tmp_path / "c"
    done = edgewright(
        "compile", MODEL, "-t", "cortex-m4", "--calib", CALIB, "-o", out, "--weights", "int4", "-n", "digits"
    )
    assert done.status == 0, done.err
    assert "error of 4 bits alone" in done.out
    assert "held-out samples" in done.out
    manifest = json.loads((out / "digits_manifest.json").read_text())
    weights = manifest["quantization"]["weights"]
    assert weights["asked"] == "int4"
    assert manifest["quantization"]["method"].endswith(f"+{weights['rounding']}")
    assert {layer["bits"] for layer in weights["layers"]} == {4}
    assert weights["held_out"]["max_drop"] == 10
    count = len(weights["layers"])
    assert f"weights: 4 bits in {count} of {count} layers" in (out / "digits.h").read_text()
    assert any("w4" in layer["kernel"] for layer in manifest["layers"])
    plain = api.compile(MODEL, "cortex-m4", CALIB, tmp_path / "b", name="digits")
    assert manifest["weights_bytes"] < 0.7 * plain.manifest.weights_bytes
    result = api.validate(out, demo.held_out_path(), ["host", "emulator"], limit=20)
    assert [place.mismatched_bytes for place in result.places.values()] == [0, 0]
    assert result.reference.agreement is not None
    assert result.reference.agreement >= 0.95


def regression(folder: Path) -> tuple[Path, Path]:
    """A model whose outputs are no classes, and its data: any noise at all is a loss."""
    rng = np.random.default_rng(0)
    weights = numpy_helper.from_array(rng.standard_normal((6, 4)).astype(np.float32), "w")
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size]) for name, size in (("x", 6), ("y", 4))]
    graph = helper.make_graph([helper.make_node("Gemm", ["x", "w"], ["y"])], "g", ends[:1], ends[1:], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, folder / "hard.onnx")
    np.savez(folder / "data.npz", x=rng.standard_normal((40, 6)).astype(np.float32))
    return folder / "hard.onnx", folder / "data.npz"


def test_too_much_lost_is_exit_5_and_nothing_is_written(tmp_path: Path) -> None:
    model, data = regression(tmp_path)
    for verb, weights, advice in (
        ("compile", "int4", "take --weights mixed"),
        ("quantize", "mixed", "or allow more with --max-drop"),
        ("quantize", "int8", "give more calibration data"),
    ):
        target = ("-t", "cortex-m4") if verb == "compile" else ()
        options = ("--calib", data, "--weights", weights, "--max-drop", 0)
        done = edgewright(verb, model, *target, "-o", tmp_path / "out", *options)
        assert done.status == 5
        message = " ".join(done.err.split())
        assert "hard.onnx: not written: output 'y' keeps" in message
        assert "on 20 held-out samples" in message
        assert advice in message
        assert not (tmp_path / "out").exists()


def test_a_limit_that_is_kept(tmp_path: Path) -> None:
    model, data = regression(tmp_path)
    for weights in ("int8", "mixed", "int4"):
        made = api.quantize(model, tmp_path / "q.onnx", data, weights=weights, max_drop=2.0)
        held = made.quantization["weights"]["held_out"]
        assert 0 < held["drop"] <= 2.0
        assert held["accuracy_after"] is None
        assert held["agreement"] is None


def test_quantize_writes_integers_that_compile_finds_again(tmp_path: Path) -> None:
    result = api.quantize(MODEL, tmp_path / "q.onnx", CALIB, weights="int4")
    held = result.quantization["weights"]["held_out"]
    assert held["accuracy_after"] >= held["accuracy_before"] - 0.02
    made = api.compile(tmp_path / "q.onnx", "cortex-m4", None, tmp_path / "c")
    assert any("w4" in layer.kernel for layer in made.manifest.layers)
    direct = api.compile(MODEL, "cortex-m4", CALIB, tmp_path / "d", weights="int4")
    assert made.manifest.weights_bytes == direct.manifest.weights_bytes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": "int3"}, "--weights int3: none of int8, int4"),
        ({"weights": "mixed:3"}, "share must be a number from 0 to 1"),
        ({"method": "minmax+best"}, "'best' is none of"),
        ({"max_drop": -1.0}, "--max-drop -1: must be 0 or more"),
        ({"max_drop": float("nan")}, "--max-drop nan: must be 0 or more"),
        ({"weights": "int4", "calib": None}, r"--weights int4 is measured on samples; give --calib"),
        ({"max_drop": 1.0, "calib": None}, r"--max-drop is measured on samples; give --calib"),
        ({"weights": "mixed", "calib": "random"}, "random data do not tell"),
    ],
)
def test_what_cannot_be_meant(options: dict[str, object], message: str, tmp_path: Path) -> None:
    given = dict(options)
    calib = given.pop("calib", CALIB)
    with pytest.raises(UsageError, match=message):
        api.compile(MODEL, "cortex-m4", calib, tmp_path / "c", **given)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=message):
        api.quantize(MODEL, tmp_path / "q.onnx", calib, **given)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
