"""docs/adding-a-board.md, followed line by line; and what its commands say about mistakes."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from edgewright import demo
from edgewright.targets import load_board, own_targets
from tests.harness.command import PROGRAM, edgewright

PAGE = (Path(__file__).parents[2] / "docs" / "adding-a-board.md").read_text()
BLOCKS = re.findall(r"```(sh|toml)\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_adds_a_board(tmp_path: Path) -> None:
    shutil.copy(demo.model_path(), tmp_path / "model.onnx")
    shutil.copy(demo.calibration_path(), tmp_path / "data.npz")
    printed = []
    for kind, text in BLOCKS:
        if kind == "toml":
            assert (tmp_path / "mine/boards/my-board.toml").is_file(), "the command has written one"
            (tmp_path / "mine/boards/my-board.toml").write_text(text)
            continue
        for line in text.splitlines():
            words = shlex.split(line)
            assert words[0] == "edgewright"
            done = subprocess.run([*PROGRAM, *words[1:]], cwd=tmp_path, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{line}\n{done.stderr}"
            printed.append(done.stdout)
    assert printed[1] == "mine/boards/my-board.toml: a board that can be used\n"
    assert "emulator" in printed[4]
    assert len(printed) == 6


def test_a_new_file_names_every_key_and_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EDGEWRIGHT_TARGETS", "")
    for name, cpu in (("bare", "cortex-m0plus"), ("pi", "cortex-a53")):
        done = edgewright("targets", "new", name, "--cpu", cpu, "--json")
        assert done.status == 0, done.err
        assert done.document["file"] == f"targets/boards/{name}.toml"
        assert edgewright("targets", "check", done.document["file"]).status == 0
    monkeypatch.setenv("EDGEWRIGHT_TARGETS", str(tmp_path / "targets"))
    assert (load_board("bare").cpu, load_board("pi").memory_bytes) == ("cortex-m0plus", 1 << 30)
    text = (tmp_path / "targets/boards/bare.toml").read_text()
    used = {key for board in own_targets()[1] for key in re.findall(r"^\[*([a-z_.]+)\b", board.file.read_text(), re.M)}
    left_out = {"memory_bytes", "vectors_base", "boot", "emulator_since", "other_emulator", "wait", "wait_for", "clear"}
    assert {key for key in used if f"{key} =" not in text and f"[{key}]" not in text} == left_out
    whole = re.sub(r"^# (?=\[|[a-z_]+ = )", "", text, flags=re.M)
    (tmp_path / "targets/boards/bare.toml").write_text(whole)
    done = edgewright("targets", "check", "targets/boards/bare.toml", "--json")
    assert done.status == 0, "what is a comment is right, too: " + done.err
    (row,) = done.document["files"]
    assert row["unsourced"][:3] == ["flash", "ram", "ccm"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("pico", "--cpu", "cortex-m4"), "pico: there is a target of this name already; take another"),
        (("mine", "--cpu", "cortex-m5"), "cortex-m5: no such CPU; did you mean 'cortex-m"),
        (("mine", "--cpu", "x86-64"), "x86-64: is this machine, which needs no board"),
        (("a b", "--cpu", "cortex-m4"), "its name is not made of letters"),
        (("../up", "--cpu", "cortex-m4"), "its name is not made of letters"),
        (("mine", "--cpu", "cortex-m4", "-o", "file"), "file/boards/mine.toml: cannot be written: Not a directory"),
    ],
)
def test_a_new_board_that_cannot_be_is_refused(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    done = edgewright("targets", "new", *arguments)
    assert (done.status, done.out) == (2, "")
    assert message in done.err
    assert list(tmp_path.rglob("*.toml")) == []


def test_a_file_that_is_there_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "targets/boards").mkdir(parents=True)
    (tmp_path / "targets/boards/mine.toml").write_text("of somebody")
    done = edgewright("targets", "new", "mine", "--cpu", "cortex-m4")
    assert done.status == 2
    assert "targets/boards/mine.toml: is there already" in done.err
    assert (tmp_path / "targets/boards/mine.toml").read_text() == "of somebody"


def test_check_names_all_that_is_wrong_in_every_file(tmp_path: Path) -> None:
    good = load_board("netduinoplus2").file
    (tmp_path / "bad.toml").write_text(good.read_text().replace("stack_bytes", "stack_byte").replace("cpu", "cpi", 1))
    (tmp_path / "cpus").mkdir()
    (tmp_path / "cpus" / "core.toml").write_text('arch = "cortex-m"\n')
    done = edgewright(
        "targets", "check", tmp_path / "bad.toml", good, tmp_path / "cpus/core.toml", tmp_path / "no.toml"
    )
    assert done.status == 2
    lines = done.out.splitlines()
    assert "unknown key 'stack_byte'; did you mean 'stack_bytes'?" in lines[0]
    assert "unknown key 'cpi'; did you mean 'cpu'?" in lines[0]
    assert lines[1] == f"{good}: a board that can be used"
    assert "core.toml: key 'summary' is missing; key 'isas' is missing" in lines[2]
    assert "no.toml: cannot be read: No such file or directory" in lines[3]
