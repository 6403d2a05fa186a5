"""What all formats share: the folder, the record of it, the sample, and the arguments."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgewright import __version__, api, demo
from edgewright.errors import UsageError
from edgewright.export import all_formats
from edgewright.paths import license_path
from tests.harness.command import edgewright
from tests.harness.firmware import NAME, SAMPLE, compiled, exported

FORMATS = [form.name for form in all_formats()]
#: Files whose syntax has no comments, or whose text is prose.
NO_COMMENTS = {".json", ".md", "", ".properties"}


@pytest.mark.parametrize("to", FORMATS)
def test_every_file_names_its_licence_and_the_version_that_made_it(to: str, tmp_path: Path) -> None:
    folder = exported(to, tmp_path / "out")
    assert (folder / "LICENSE").read_bytes() == license_path().read_bytes()
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix not in NO_COMMENTS:
            head = path.read_text().splitlines()[:4]
            assert any("SPDX-License-Identifier: Apache-2.0" in line for line in head), path.name
            assert any(f"Edgewright {__version__}" in line for line in head), path.name


@pytest.mark.parametrize("to", FORMATS)
def test_nothing_of_the_model_but_its_numbers_is_in_it(to: str, tmp_path: Path) -> None:
    """Names of nodes and values are text of the model: they stay in the manifest."""
    folder = exported(to, tmp_path / "out")
    text = "\n".join(path.read_text() for path in folder.rglob("*") if path.is_file())
    names = {layer["name"] for layer in json.loads((compiled() / "digits_manifest.json").read_text())["layers"]}
    assert names
    assert [name for name in names if name in text] == []


@pytest.mark.parametrize("to", FORMATS)
def test_the_same_directory_gives_the_same_bytes(to: str, tmp_path: Path) -> None:
    first, second = (exported(to, tmp_path / where) for where in ("here", "far/away"))
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(second) for path in second.rglob("*") if path.is_file())
    assert all((first / file).read_bytes() == (second / file).read_bytes() for file in files)


# ---- the folder ----


def test_an_export_is_replaced_by_the_next_one_and_what_was_built_in_it_goes(tmp_path: Path) -> None:
    folder = exported("make", tmp_path / "out")
    (folder / "build").mkdir()
    (folder / "build" / "libdigits.a").write_bytes(b"")
    exported("single-header", folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "LICENSE", "README.md", "digits.h", "edgewright-export.json", "example",
    ]  # fmt: skip


@pytest.mark.parametrize("file", ["example/main.c", "notes.txt"])
def test_a_folder_that_somebody_worked_in_is_left_alone(file: str, tmp_path: Path) -> None:
    folder = exported("make", tmp_path / "out")
    (folder / file).write_text("mine")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match=rf"out: files were added or changed since it was exported \({file}\)"):
        exported("cmake", folder)
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("record", [None, "no JSON", '{"files": 3}', "[]"])
def test_a_folder_of_somebody_else_is_left_alone(record: str | None, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    if record is not None:
        (tmp_path / "edgewright-export.json").write_text(record)
    with pytest.raises(UsageError, match=r"is not empty and no export of Edgewright; give a new or empty folder"):
        exported("make", tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_the_generated_directory_itself_is_not_overwritten(tmp_path: Path) -> None:
    api.compile(demo.model_path(), "generic-c", demo.calibration_path(), tmp_path / "model", name=NAME)
    with pytest.raises(UsageError, match="no export of Edgewright"):
        api.export(tmp_path / "model", "make", tmp_path / "model")


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    directory = compiled()
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(UsageError, match="out: cannot be written: No space left on device"):
        api.export(directory, "make", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


# ---- the sample ----


def test_without_data_the_sample_is_the_selftests_input_and_says_so(tmp_path: Path) -> None:
    result = api.export(compiled(), "single-header", tmp_path / "out")
    assert result.sample is None
    assert "their class means nothing" in (tmp_path / "out" / "example" / "digits_sample.h").read_text()


def test_the_sample_is_the_one_that_was_named(tmp_path: Path) -> None:
    result = api.export(compiled(), "make", tmp_path / "out", data=demo.held_out_path(), sample=SAMPLE)
    assert (result.sample, result.expected_class) == (SAMPLE, 3)


# ---- arguments ----


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--to", "arduno"], "--to arduno: no such format"),
        (["--to", "make", "--sample", "3"], "--sample 3: of which data? give --data DATA.npz"),
        (["--to", "make", "--data", str(demo.held_out_path()), "--sample", "-1"], "the data holds samples 0 to"),
        (["--to", "make", "--data", "nothing.npz"], "nothing.npz"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(arguments: list[str], complaint: str, tmp_path: Path) -> None:
    outcome = edgewright("export", str(compiled()), "-o", str(tmp_path / "out"), *arguments)
    assert outcome.status == 2
    assert complaint in outcome.err
    assert outcome.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    api.compile(demo.model_path(), "generic-c", demo.calibration_path(), tmp_path / "model", name=NAME)
    (tmp_path / "model" / "digits_golden.c").unlink()
    with pytest.raises(UsageError, match=r"digits_golden.c cannot be read.*; compile again"):
        api.export(tmp_path / "model", "make", tmp_path / "out")


def test_the_document_says_what_was_written(tmp_path: Path) -> None:
    outcome = edgewright("export", str(compiled()), "--to", "single-header", "-o", str(tmp_path / "out"), "--json")
    document = json.loads(outcome.out)
    assert document["kernels"] == "portable C"
    assert document["files"] == sorted(
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()
    )
