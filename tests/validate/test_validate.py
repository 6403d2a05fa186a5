"""Validation finds what is wrong: the bytes, and the layer."""

import errno
import json
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from edgewright.api import compile
from edgewright.artifact import open_directory
from edgewright.errors import ModelFileError, UsageError
from edgewright.frontend import export_onnx
from edgewright.ir import Graph
from edgewright.ir.text import parse_graph
from edgewright.ops import Op
from edgewright.quantize import Samples, run_float
from edgewright.validate import Validation, validate
from tests.harness.graph_strategies import op_records

CLASSIFIER = """graph 'classifier' {
  input %x:f32[1,2,4,4]
  %w:f32[4,2,3,3] = const(seed=1)
  %v:f32[6,4] = const(seed=2)
  %u:f32[3,6] = const(seed=3)
  %a:f32[1,4,4,4] = conv(%x, %w, none) {window=Window((3, 3), pads=(1, 1, 1, 1)), clamp=Clamp(0.0)} 'conv'
  %m:f32[1,4,1,1] = reduce(%a) {function='mean', axes=(2, 3)} 'mean'
  %r:f32[1,4] = reshape(%m) {shape=(1, 4)} 'flat'
  %h:f32[1,6] = dense(%r, %v, none) {clamp=Clamp(0.0)} 'hidden'
  %y:f32[1,3] = dense(%h, %u, none) 'last'
  output %y
}"""
AUTOENCODER = """graph 'autoencoder' {
  input %x:f32[1,6]
  %w:f32[3,6] = const(seed=1)
  %v:f32[6,3] = const(seed=2)
  %h:f32[1,3] = dense(%x, %w, none) 'encode'
  %y:f32[1,6] = dense(%h, %v, none) 'decode'
  output %y
}"""


def compiled(text: str, folder: Path, cpu: str = "x86-64") -> tuple[Path, Graph[Op], Samples]:
    """A generated directory named `net`, the float graph it came from, and labelled samples that it gets right."""
    folder.mkdir(parents=True, exist_ok=True)
    graph = parse_graph(text, op_records())
    (folder / "net.onnx").write_bytes(export_onnx(graph).SerializeToString())
    x = np.random.default_rng(0).standard_normal((12, *graph.inputs[0].shape[1:])).astype(np.float32)
    np.savez(folder / "data.npz", x=x)
    compile(folder / "net.onnx", cpu, folder / "data.npz", folder / "out", method="minmax")
    labels = [int(np.argmax(run_float(graph, [sample[None]])[0])) for sample in x]
    return folder / "out", graph, Samples((x,), (graph.inputs[0].shape,), np.array(labels))


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Graph[Op], Samples]:
    return compiled(CLASSIFIER, tmp_path_factory.mktemp("classifier"))


def on_host(folder: Path, samples: Samples) -> Validation:
    return validate(open_directory(folder), samples, ["host"])


def test_a_sound_directory_agrees_to_the_byte(classifier: tuple[Path, Graph[Op], Samples]) -> None:
    folder, _, samples = classifier
    calls: list[tuple[int, int]] = []
    result = validate(
        open_directory(folder), samples, ["host", "host"], lambda done, total: calls.append((done, total))
    )
    assert [place.mismatched_bytes for place in result.places] == [0, 0]
    assert [place.first_divergent_layer for place in result.places] == [None, None]
    assert [place.total_bytes for place in result.places] == [36, 36]
    assert not result.mismatched
    assert calls == [(k, 12) for k in range(1, 13)]
    assert result.float_accuracy == 1.0
    (host, _), reference = result.places, result.reference
    assert (host.comparison.rmse, host.comparison.agreement) == (reference.rmse, reference.agreement)
    assert reference.cosine > 0.99
    assert reference.agreement > 0.8


def test_validations_of_one_directory_wait_for_each_other(tmp_path: Path) -> None:
    """Each writes the host's twin anew and builds in the same folders: one pulled them from under the other."""
    folder, _, samples = compiled(CLASSIFIER, tmp_path, "cortex-a53")
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: on_host(folder, samples.first(1)), range(8)))
    assert [result.mismatched for result in results] == [False] * 8
    assert not list(folder.glob(".*")), "nothing is left behind"


@pytest.mark.parametrize("layer", ["conv", "hidden", "last"])
def test_one_changed_weight_is_found_and_its_layer_named(
    classifier: tuple[Path, Graph[Op], Samples], tmp_path: Path, layer: str
) -> None:
    """Flash that lost a bit, a kernel with a bug, a compiler that miscompiles: all look like this."""
    folder, _, samples = classifier
    shutil.copytree(folder, tmp_path / "out")
    change_weight(tmp_path / "out", layer)
    (place,) = on_host(tmp_path / "out", samples).places
    assert place.mismatched_bytes > 0
    assert place.first_divergent_layer == layer
    assert place.comparison.rmse > 0


def change_weight(folder: Path, layer: str) -> None:
    """Turn the largest weight of a layer, in `net_weights.c`, into its opposite."""
    index = next(
        x["index"] for x in json.loads((folder / "net_manifest.json").read_text())["layers"] if x["name"] == layer
    )
    (name,) = re.findall(rf"layer_{index} .*?= {{\s*(\w+), /\* w \*/", (folder / "net.c").read_text(), re.DOTALL)
    text = (folder / "net_weights.c").read_text()
    match = re.search(rf"{name}\[\d+\].*?{{(.*?)}}", text, re.DOTALL)
    assert match is not None
    values = [int(value, 0) for value in match[1].replace("\n", " ").split(",") if value.strip()]
    at = int(np.argmax(np.abs(values)))
    values[at] = -values[at]
    changed = ", ".join(map(str, values))
    (folder / "net_weights.c").write_text(f"{text[: match.start(1)]}\n    {changed},\n{text[match.end(1) :]}")


def test_outputs_are_compared_in_the_models_axis_order(tmp_path: Path) -> None:
    """The integer graph stores images channels last; compared so, an exact model would look like noise."""
    text = CLASSIFIER.replace("output %y", "output %a").replace(
        "[4,2,3,3] = const(seed=1)", "[4,2,3,3] = const(seed=9)"
    )
    folder, _, samples = compiled(text, tmp_path)
    result = on_host(folder, samples)
    assert result.places[0].mismatched_bytes == 0
    assert result.places[0].comparison.cosine > 0.999


def test_an_autoencoder_is_measured_by_what_it_reconstructs(tmp_path: Path) -> None:
    folder, graph, samples = compiled(AUTOENCODER, tmp_path)
    result = on_host(folder, samples)
    errors = [float(((run_float(graph, x)[0] - x[0]) ** 2).mean()) for x in samples]
    assert result.reconstruction is not None
    assert result.reconstruction[0] == pytest.approx(np.mean(errors), rel=1e-4)
    assert result.reconstruction[1] == pytest.approx(np.mean(errors), rel=0.05)


def test_a_classifier_reconstructs_nothing_and_needs_no_labels(
    classifier: tuple[Path, Graph[Op], Samples],
) -> None:
    folder, _, samples = classifier
    result = on_host(folder, Samples(samples.arrays, samples.shapes))
    assert (result.reconstruction, result.float_accuracy, result.labelled) == (None, None, False)


def test_the_host_runs_a_twin_of_a_directory_for_another_cpu(tmp_path: Path) -> None:
    folder, _, samples = compiled(CLASSIFIER, tmp_path, "cortex-m4")
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert on_host(folder, samples).places[0].mismatched_bytes == 0
    record = folder / "host" / "build" / "build.json"
    first = (record.read_bytes(), record.stat().st_mtime_ns)
    assert on_host(folder, samples).places[0].mismatched_bytes == 0
    assert (record.read_bytes(), record.stat().st_mtime_ns) == first, "nothing changed, so nothing is built again"
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_the_twin_comes_from_the_reference_not_from_the_sources(tmp_path: Path) -> None:
    """Sources for a board that were changed by hand are no fault of the host."""
    folder, _, samples = compiled(CLASSIFIER, tmp_path, "cortex-m3")
    change_weight(folder, "last")
    assert on_host(folder, samples).places[0].mismatched_bytes == 0


@pytest.mark.parametrize(
    ("why", "damage", "message"),
    [
        ("no such folder", lambda f: shutil.rmtree(f), "no such folder"),
        ("not a generated one", lambda f: (f / "net_manifest.json").unlink(), "no \\*_manifest.json"),
        ("no JSON", lambda f: (f / "net_manifest.json").write_text("{"), "not a manifest: .*; compile again"),
        ("a list", lambda f: (f / "net_manifest.json").write_text("[]"), "not a manifest: .*; compile again"),
        (
            "keys that are missing",
            lambda f: (f / "net_manifest.json").write_text('{"name": "net"}'),
            "'schema_version'",
        ),
        ("no reference", lambda f: (f / "net_reference.npz").unlink(), "is missing; compile again"),
        ("no model", lambda f: (f / "net_model.onnx").unlink(), "is missing; compile again"),
        ("a damaged reference", lambda f: (f / "net_reference.npz").write_bytes(b"PK"), "net_reference.npz: "),
    ],
)
def test_directories_that_cannot_be_opened(
    classifier: tuple[Path, Graph[Op], Samples],
    tmp_path: Path,
    why: str,
    damage: Callable[[Path], object],
    message: str,
) -> None:
    shutil.copytree(classifier[0], tmp_path / "out")
    damage(tmp_path / "out")
    with pytest.raises(UsageError, match=message) as caught:
        open_directory(tmp_path / "out")
    assert "\n" not in str(caught.value)


def test_a_twin_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's folder: one line, and no traceback."""
    folder, _, samples = compiled(CLASSIFIER, tmp_path, "cortex-m3")
    on_host(folder, samples.first(1))
    monkeypatch.setattr(Path, "rename", refuse_to_write)
    with pytest.raises(UsageError, match="host: cannot be written: Permission denied"):
        on_host(folder, samples.first(1))


def refuse_to_write(*_: object, **__: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


def test_a_float_model_that_onnx_runtime_refuses(classifier: tuple[Path, Graph[Op], Samples], tmp_path: Path) -> None:
    shutil.copytree(classifier[0], tmp_path / "out")
    (tmp_path / "out" / "net_model.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelFileError, match=r"net_model\.onnx: ONNX Runtime refuses it: ") as caught:
        on_host(tmp_path / "out", classifier[2])
    assert "\n" not in str(caught.value)


def test_an_unknown_place(classifier: tuple[Path, Graph[Op], Samples]) -> None:
    with pytest.raises(UsageError, match="place 'moon': none of host, emulator, device, device:PORT"):
        validate(open_directory(classifier[0]), classifier[2], ["moon"])
