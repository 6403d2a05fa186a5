"""Integer graphs on disk: the same graph comes back, and damage is one clear error."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from edgewright.contracts import Contract
from edgewright.contracts.registry import records
from edgewright.errors import UsageError
from edgewright.ir import Graph
from edgewright.ir.store import load_graph, save_graph
from edgewright.ir.text import print_graph
from edgewright.quantize import run_integer
from tests.harness.graph_strategies import build_graph, integer_graphs, quantized

Document = dict[str, Any]


@pytest.fixture
def graph() -> Graph[Contract]:
    """A convolution, a table and a fully connected layer."""
    return quantized(build_graph(["conv", "unary", "affine", "reshape", "dense", "pair"], 3))


@pytest.fixture
def stored(graph: Graph[Contract], tmp_path: Path) -> Path:
    save_graph(graph, tmp_path / "graph.npz")
    return tmp_path / "graph.npz"


@settings(max_examples=30, deadline=None)
@given(graph=integer_graphs())
def test_round_trip(graph: Graph[Contract], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("store") / "graph.npz"
    save_graph(graph, path)
    again = load_graph(path, records())
    again.verify()
    assert print_graph(again) == print_graph(graph)
    inputs = [np.random.default_rng(1).integers(-128, 128, v.shape, dtype=np.int8) for v in graph.inputs]
    for ours, theirs in zip(run_integer(graph, inputs), run_integer(again, inputs), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_same_graph_same_bytes(graph: Graph[Contract], stored: Path, tmp_path: Path) -> None:
    """The stored reference is part of the generated directory, whose bytes repeat."""
    save_graph(load_graph(stored, records()), tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == stored.read_bytes()


def test_nothing_is_pickled(stored: Path) -> None:
    with np.load(stored, allow_pickle=False) as archive:
        assert all(isinstance(archive[name], np.ndarray | bytes) for name in archive.files)


def edited(path: Path, change: Callable[[Document], object]) -> None:
    """The same archive with another `graph.json`."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(parts["graph.json"])
    change(document)
    parts["graph.json"] = json.dumps(document).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_truncated(stored: Path, share: float) -> None:
    data = stored.read_bytes()
    stored.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(UsageError, match=r"graph\.npz: (not a .npz file|cannot be read)"):
        load_graph(stored, records())


def test_any_flipped_byte_is_harmless_or_an_error(graph: Graph[Contract], stored: Path) -> None:
    """The archive's checksums find damage to the contents; in its padding nothing is lost."""
    data, text = stored.read_bytes(), print_graph(graph)
    refused = 0
    for at in np.random.default_rng(0).integers(0, len(data), 60):
        stored.write_bytes(data[:at] + bytes([data[at] ^ 0x5A]) + data[at + 1 :])
        try:
            assert print_graph(load_graph(stored, records())) == text
        except UsageError:
            refused += 1
    assert refused > 30


@pytest.mark.parametrize(
    ("why", "change"),
    [
        ("another format", lambda d: d.update(format=99)),
        ("no format", lambda d: d.pop("format")),
        ("an operation of a newer version", lambda d: d["nodes"][0]["op"].update(record="FftS8")),
        ("a field that nobody knows", lambda d: d["nodes"][0]["op"]["fields"].update(extra=1)),
        ("a value that does not exist", lambda d: d["nodes"][0].update(inputs=[999])),
        ("an array that does not exist", lambda d: d["nodes"][0]["op"]["fields"].update(weights={"array": "a999"})),
        ("no nodes", lambda d: d.pop("nodes")),
        ("nodes out of order", lambda d: d["nodes"].reverse()),
        ("a scale of zero", lambda d: d["values"][0].update(quant=[0.0, 0])),
        ("a shape that is text", lambda d: d["values"][0].update(shape="abc")),
    ],
)
def test_other_structures_are_refused(stored: Path, why: str, change: Callable[[Document], object]) -> None:
    edited(stored, change)
    with pytest.raises(UsageError, match=r"graph\.npz: (format|not a stored graph)") as caught:
        load_graph(stored, records())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x05\x06" + bytes(18)])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "graph.npz").write_bytes(content)
    with pytest.raises(UsageError, match=r"graph\.npz: (not a|holds pickled)"):
        load_graph(tmp_path / "graph.npz", records())


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"graph\.npz: cannot be read: No such file"):
        load_graph(tmp_path / "graph.npz", records())


def test_document_that_is_a_list(stored: Path) -> None:
    with zipfile.ZipFile(stored, "w") as archive:
        archive.writestr("graph.json", "[1, 2]")
    with pytest.raises(UsageError, match="not a stored graph of this version"):
        load_graph(stored, records())
