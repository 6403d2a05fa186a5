"""The manifest as a record: what is written is read back, and what is read can run no code."""

import json
from pathlib import Path
from typing import Any

import pytest

from edgewright.artifact import Layout, Manifest, read_manifest
from edgewright.errors import UsageError
from tests.harness.stub_model import write_stub_model


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    text = (write_stub_model(tmp_path / "stub", "cortex-m4", "mps2-an386") / "stub_manifest.json").read_text()
    read: dict[str, Any] = json.loads(text)
    return read


def test_what_is_written_is_read_back(document: dict[str, Any], tmp_path: Path) -> None:
    manifest = Manifest.from_json(document, "stub_manifest.json")
    assert manifest == read_manifest(tmp_path / "stub")
    assert manifest.to_json() == document
    assert list(manifest.to_json()) == list(document)
    assert document["target"] == {"cpu": "cortex-m4", "board": "mps2-an386"}
    assert "threads" not in document


def test_threads_are_told_where_there_are_several(document: dict[str, Any]) -> None:
    document["threads"] = document["layers"][1]["threads"] = 3
    manifest = Manifest.from_json(document, "x")
    assert (manifest.threads, [layer.threads for layer in manifest.layers]) == (3, [1, 3, 1])
    assert manifest.to_json() == document


@pytest.mark.parametrize(
    ("why", "change", "message"),
    [
        ("GCC would load it", {"optimize": "-O2 -fplugin=/tmp/x.so"}, "'-fplugin=/tmp/x.so' in optimize is not a flag"),
        ("GCC would read more options", {"optimize": "@/tmp/options"}, "'@/tmp/options' in optimize"),
        ("GCC would run another as", {"optimize": "-fuse-ld=x -B/tmp"}, "'-fuse-ld=x' in optimize"),
        ("no option", {"optimize": ""}, "optimize names no flag"),
        ("a CPU file names a compiler", {"target": {"cpu": "../../tmp/x", "board": None}}, "target '../../tmp/x' is"),
        ("so does a board's", {"target": {"cpu": "cortex-m4", "board": "/tmp/x"}}, "target '/tmp/x' is not the name"),
        ("a name that becomes a flag", {"name": "x -B/tmp"}, "is not a lower-case C identifier"),
        ("a source from elsewhere", {"sources": ["/tmp/x.c"]}, "source '/tmp/x.c' is not"),
        ("a self-test from elsewhere", {"golden": "a/../../x.c"}, "source 'a/../../x.c' is not"),
        ("a reference from elsewhere", {"reference": "../x.npz"}, "reference is '../x.npz', not stub_reference.npz"),
        ("a number that is text", {"arena_bytes": "48"}, "'arena_bytes' must be int, not str"),
        ("a key of nobody", {"run": "rm"}, "unknown key 'run'"),
        ("another model", {"model_sha256": "00" * 32}, "model_sha256 is not that of the model"),
        ("a board with another CPU", {"target": {"cpu": "cortex-m3", "board": "mps2-an386"}}, "has a cortex-m4"),
    ],
)
def test_what_could_harm_is_refused(document: dict[str, Any], why: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Manifest.from_json({**document, **change}, "stub_manifest.json")
    text = str(caught.value)
    assert text.startswith("stub_manifest.json: ")
    assert text.endswith("; compile again")
    assert message in text
    assert "\n" not in text


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_what_is_no_table_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match="x: not a manifest: key 'schema_version' is missing; compile again"):
        Manifest.from_json(value, "x")


def without(table: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name != key}


def damaged(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The document without each of its keys, and without each key of the first of each list in it."""
    found = [without(document, key) for key in document]
    for key, value in document.items():
        if isinstance(value, list) and isinstance(value[0], dict):
            found += [{**document, key: [without(value[0], inner), *value[1:]]} for inner in value[0]]
    return found


def test_no_key_may_be_missing(document: dict[str, Any]) -> None:
    shortened = damaged(document)
    assert len(shortened) > 40
    for short in shortened:
        with pytest.raises(UsageError, match="; compile again"):
            Manifest.from_json(short, "x")


def test_names_of_the_layout_are_the_directorys(tmp_path: Path) -> None:
    made = {path.name for path in write_stub_model(tmp_path / "stub", "cortex-m4").iterdir()}
    assert made <= Layout("stub").generated()
