"""Every defect on a good model is refused: one line, the right status, at once."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto, TensorProto

from edgewright.errors import EdgewrightError, ModelFileError
from edgewright.frontend import import_model, load_model
from edgewright.frontend.limits import check_limits
from tests.harness.command import edgewright
from tests.harness.hostile_models import DEFECTS, Defect, chain, folded, functions, good_model, nested

#: CPU time that a refusal may take.
MOST_SECONDS = 5
SEVERAL = np.ones(2**20, np.float32)
#: Defects that are shown through the command as well.
THROUGH_THE_COMMAND = ("a function that calls itself", "60^15 nodes by functions", "a constant doubled 40 times")


def changed(*defects: Defect) -> ModelProto:
    proto = good_model()
    for defect in defects:
        defect(proto)
    return proto


def written(folder: Path, proto: ModelProto) -> Path:
    path = folder / "m.onnx"
    path.write_bytes(proto.SerializeToString())
    return path


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect(name: str, tmp_path: Path) -> None:
    defect, message = DEFECTS[name]
    path = written(tmp_path, changed(defect))
    begin = time.process_time()
    with pytest.raises(EdgewrightError, match=message) as caught:
        import_model(load_model(path))
    assert time.process_time() - begin < MOST_SECONDS
    assert caught.value.exit_code in (2, 3)
    line = str(caught.value)
    assert line.startswith("m.onnx: ")
    assert line.isprintable()
    assert len(line) < 1000


@pytest.mark.parametrize(
    "defect",
    [lambda _: None, functions(15, 1), functions(13, 2), chain(2000), folded("ReduceSum k0 -> z", SEVERAL)],
    ids=["good", "deep functions", "many nodes by functions", "chain", "folding"],
)
def test_what_keeps_the_limits(defect: Defect, tmp_path: Path) -> None:
    assert len(import_model(load_model(written(tmp_path, changed(defect)))).nodes) >= 5


def test_nesting_is_bounded_by_us_too() -> None:
    check_limits("m.onnx", changed(nested(32)))
    with pytest.raises(ModelFileError, match="subgraphs are nested deeper than 32"):
        check_limits("m.onnx", changed(nested(33)))


@pytest.mark.parametrize("name", THROUGH_THE_COMMAND)
def test_the_command_leaves_one_line_and_nothing_else(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, changed(DEFECTS[name][0]))
    outcome = edgewright("compile", path, "-t", "cortex-m4", "--calib", "random", "-o", tmp_path / "out")
    assert outcome.status in (2, 3)
    assert outcome.err.count("\n") == 1
    assert "m.onnx" in outcome.err
    assert outcome.out == ""
    assert [*tmp_path.iterdir()] == [path]


def test_what_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.onnx"
    os.mkfifo(pipe)
    for path, what in ((pipe, "a pipe"), (tmp_path, "a folder"), (Path("/dev/zero"), "a device")):
        with pytest.raises(ModelFileError, match=f"cannot be read: it is {what}"):
            load_model(path)


def test_external_data_that_is_more_than_its_constant(tmp_path: Path) -> None:
    proto = good_model()
    tensor = proto.graph.initializer[0]
    (tmp_path / "data.bin").write_bytes(tensor.raw_data)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="data.bin")
    path = written(tmp_path, proto)
    assert import_model(load_model(path)).nodes
    with (tmp_path / "data.bin").open("r+b") as file:
        file.truncate(10 * 2**30)  # takes no room on the disk
    with pytest.raises(ModelFileError, match=r"external data of 10,737,418,240 bytes for a constant of 288;"):
        load_model(path)
