"""An importer is a folder of `frontend`: the ending of a file's name finds it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgewright import frontend
from edgewright.errors import ModelFileError
from edgewright.frontend import import_model, load_model
from edgewright.frontend.formats import readers

IMPORTER = '''"""Text files of numbers that a model adds to its input."""
from onnx import TensorProto, helper

from edgewright.errors import ModelFileError

SUFFIXES = (".numbers",)


def to_onnx(path, data):
    try:
        values = [float(word) for word in data.decode().split()]
    except ValueError as error:
        raise ModelFileError(f"{path.name}: {error}") from None
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, len(values)]) for name in "xy"]
    added = helper.make_tensor("c", TensorProto.FLOAT, [len(values)], values)
    graph = helper.make_graph([helper.make_node("Add", ["x", "c"], ["y"])], "numbers", ends[:1], ends[1:], [added])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
'''


@pytest.fixture
def importer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder where the importer stands as if it were one of `frontend`."""
    (tmp_path / "package" / "numbers_in_text").mkdir(parents=True)
    (tmp_path / "package" / "numbers_in_text" / "__init__.py").write_text(IMPORTER)
    monkeypatch.setattr(frontend, "__path__", [*frontend.__path__, str(tmp_path / "package")])
    readers.cache_clear()
    yield tmp_path
    readers.cache_clear()


def test_an_importer_is_found_by_the_ending(importer: Path) -> None:
    (importer / "Model.Numbers").write_text("1 2.5 -3")
    model = load_model(importer / "Model.Numbers")
    graph = import_model(model)
    assert [value.shape for value in graph.inputs] == [(1, 3)]
    (node,) = graph.nodes
    (y,) = node.op.evaluate(np.zeros((1, 3), np.float32), node.operand(1).data)
    np.testing.assert_array_equal(y, [[1, 2.5, -3]])


def test_what_an_importer_cannot_read_is_one_line(importer: Path) -> None:
    (importer / "model.numbers").write_text("1 two")
    with pytest.raises(ModelFileError, match=r"model\.numbers: could not convert string to float: 'two'"):
        load_model(importer / "model.numbers")


def test_other_endings_are_onnx(importer: Path) -> None:
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "model", ends[:1], ends[1:])
    (importer / "model.bin").write_bytes(helper.make_model(graph).SerializeToString())
    assert load_model(importer / "model.bin").proto.graph.node[0].op_type == "Relu"
