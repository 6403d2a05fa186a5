"""From a model file to a generated directory: the same bytes everywhere, refusals that leave nothing behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgewright import api, demo
from edgewright.artifact import open_directory
from edgewright.errors import BudgetError, UnsupportedError, UsageError

SDK = Path(demo.__file__).parents[2]


def dense_model(path: Path, inputs: int, outputs: int, names: tuple[str, ...] = ("x", "w", "y", "layer")) -> Path:
    """A model of one Gemm with random weights, and a Relu. names: of input, weights, output and node."""
    x, w, y, layer = names
    weights = np.random.default_rng(0).standard_normal((inputs, outputs)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("Gemm", [x, w], [f"{y}-"], name=layer), helper.make_node("Relu", [f"{y}-"], [y], name="")],
        layer,
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, [1, inputs])],
        [helper.make_tensor_value_info(y, TensorProto.FLOAT, [1, outputs])],
        [numpy_helper.from_array(weights, w)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, path)
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return dense_model(tmp_path / "small.onnx", 4, 3)


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


# ---- the same bytes ----


def test_same_bytes_in_any_folder_and_with_any_hash_seed(tmp_path: Path) -> None:
    """Builds are compared by hash, on other machines and years later."""
    script = "import sys; from pathlib import Path; from edgewright.api import compile as c; "
    script += "c(Path(sys.argv[1]), 'cortex-m4', Path(sys.argv[2]), Path(sys.argv[3]), name='digits')"
    runs = []
    for seed, folder in (("0", "first"), ("4711", "some/where/else")):
        (tmp_path / folder).mkdir(parents=True)
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(SDK), "TZ": f"UTC+{len(seed)}"}
        arguments = [str(demo.model_path()), str(demo.calibration_path()), "out"]
        command = [sys.executable, "-c", script, *arguments]
        subprocess.run(command, cwd=tmp_path / folder, env=environment, check=True)
        runs.append(files(tmp_path / folder / "out"))
    assert len(runs[0]) > 10
    assert [name for name in runs[0] if runs[0][name] != runs[1][name]] == []


def test_evil_names_reach_the_manifest_and_nothing_else(tmp_path: Path) -> None:
    evil = ('*/ evil "', "w\\\n#error", "${y}$(y)`y`", "; rm *")
    path = dense_model(tmp_path / '*evil "$(x).onnx', 4, 3, evil)
    plain = dense_model(tmp_path / "plain.onnx", 4, 3)
    for source, folder in ((path, "evil"), (plain, "plain")):
        api.compile(source, "x86-64", "random", tmp_path / folder, name="net")
    one, other = files(tmp_path / "evil"), files(tmp_path / "plain")
    assert one.keys() == other.keys()
    hashes = [json.loads(parts["net_manifest.json"])["model_sha256"].encode() for parts in (one, other)]
    one["net.h"] = one["net.h"].replace(hashes[0], hashes[1])
    different = [name for name in one if one[name] != other[name]]
    assert different == ["net_manifest.json", "net_model.onnx", "net_reference.npz"]
    document = json.loads(one["net_manifest.json"])
    assert [document["inputs"][0]["name"], document["outputs"][0]["name"]] == [evil[0], evil[2]]
    assert open_directory(tmp_path / "evil").graph.outputs[0].name == evil[2]


def test_the_name_comes_from_the_file(tmp_path: Path) -> None:
    path = dense_model(tmp_path / "Size.onnx", 4, 3)
    assert api.compile(path, "x86-64", "random", tmp_path / "a").manifest.name == "model_size"
    assert (tmp_path / "a" / "model_size.h").is_file()


# ---- what the result says ----


def test_the_document_is_the_manifest_and_what_was_planned(model: Path, tmp_path: Path) -> None:
    document = api.compile(model, "cortex-m3", "random", tmp_path / "out", goal="flash").to_json()
    manifest = json.loads((tmp_path / "out" / "small_manifest.json").read_text())
    assert {**manifest, "flash_bytes": document["flash_bytes"], "directory": str(tmp_path / "out")} == document
    assert document["flash_bytes"] > document["weights_bytes"] == 12 + 12 + 12
    assert (document["optimize"], document["goal"], document["macs"]) == ("-Os", "flash", 12)
    assert document["quantization"]["representative"] is False
    assert document["quantization"]["method"] in document["quantization"]["errors"]


def test_calibration_data_are_representative_and_thinned(model: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x=np.random.default_rng(0).standard_normal((300, 4)).astype(np.float32))
    document = api.compile(model, "x86-64", tmp_path / "data.npz", tmp_path / "out", method="minmax").to_json()
    (output,) = document["quantization"].pop("outputs")
    assert output["snr_db"] > 30
    assert document["quantization"] == {
        "method": "minmax", "samples": 256, "representative": True, "errors": {}, "notes": [], "warnings": []
    }  # fmt: skip


# ---- refusals ----


@pytest.mark.parametrize(
    ("why", "arguments", "message"),
    [
        (
            "no data for a float model",
            {"calib": None},
            "small.onnx: a float model needs calibration data; give --calib",
        ),
        ("unknown target", {"target": "cortex-m44"}, "cortex-m44: no such CPU or board; did you mean 'cortex-m4'"),
        ("unknown goal", {"goal": "speed"}, "-O speed: none of time, ram, flash, balanced"),
        ("unknown method", {"method": "max"}, "--method max: none of auto, minmax"),
        ("a name that is no C", {"name": "My Net"}, "name 'My Net': not usable as a C prefix"),
        ("data that are not there", {"calib": "none.npz"}, "none.npz: cannot be read: No such file"),
        ("a model that is not there", {"model": Path("none.onnx")}, "none.onnx"),
    ],
)
def test_wrong_use_is_one_line_and_leaves_nothing(
    model: Path, tmp_path: Path, why: str, arguments: dict[str, object], message: str
) -> None:
    given = {"model": model, "target": "x86-64", "calib": "random", "out": tmp_path / "out", **arguments}
    with pytest.raises(UsageError) as caught:
        api.compile(**given)  # type: ignore[arg-type]
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["small.onnx"]


def test_a_folder_in_the_way_is_noticed_before_the_work(model: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UsageError, match="out: is a file"):
        api.compile(model, "x86-64", "missing.npz", tmp_path / "out")


def test_an_arena_beyond_the_board_is_refused_with_the_numbers(tmp_path: Path) -> None:
    path = dense_model(tmp_path / "wide.onnx", 17_000, 1)
    with pytest.raises(
        BudgetError, match=r"wide\.onnx on microbit: arena needs 17,\d{3} bytes, RAM has \d+,\d{3} besi"
    ):
        api.compile(path, "microbit", "random", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_constants_beyond_the_board_are_refused_with_the_numbers(tmp_path: Path) -> None:
    path = dense_model(tmp_path / "large.onnx", 500, 600)
    with pytest.raises(
        BudgetError, match=r"large\.onnx on microbit: constants need 30\d,\d{3} bytes, flash has 262,144"
    ):
        api.compile(path, "microbit", "random", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_model_that_computes_nothing_is_refused(tmp_path: Path) -> None:
    graph = helper.make_graph(
        [helper.make_node("Flatten", ["x"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4])],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "m.onnx")
    with pytest.raises(UnsupportedError, match="there is nothing to compute"):
        api.compile(tmp_path / "m.onnx", "x86-64", "random", tmp_path / "out")
    assert not (tmp_path / "out").exists()
