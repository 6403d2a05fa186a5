"""Every file that leaves the SDK names its licence and, when it is generated or copied, the version that made it."""

from pathlib import Path

import pytest

from edgewright import __version__, api, demo
from edgewright.cgen.blocks import LICENSE_LINE
from edgewright.emit.runtime_files import CODE
from edgewright.paths import data_folder, license_path

SHIPPED = sorted(
    path
    for name in ("runtime_c", "targets")
    for path in data_folder(name).rglob("*")
    if path.suffix in (*CODE, ".jinja")
)


def test_the_sources_are_found() -> None:
    assert len(SHIPPED) > 200


def test_every_source_begins_with_its_licence() -> None:
    bare = [path.name for path in SHIPPED if not path.read_text().startswith(f"{LICENSE_LINE}\n")]
    assert not bare, f"without '{LICENSE_LINE}' in the first line"


@pytest.mark.parametrize("cpu", ["cortex-m4", "cortex-a53"])
def test_every_generated_and_copied_file_names_licence_and_version(cpu: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    api.compile(demo.model_path(), cpu, demo.calibration_path(), folder, name="digits")
    api.build(folder)
    texts = {path: path.read_text() for path in folder.rglob("*") if path.suffix in (*CODE, ".txt", ".ld")}
    assert len(texts) > 12
    for path, text in texts.items():
        assert "SPDX-License-Identifier: Apache-2.0" in text.partition("\n")[0], path.name
        made_by_build = path.parent.name == "build"
        assert made_by_build or f"Edgewright {__version__}" in "".join(text.splitlines()[:3]), path.name
    assert (folder / "runtime" / "LICENSE").read_bytes() == license_path().read_bytes()


def test_weights_are_said_to_be_the_users(tmp_path: Path) -> None:
    api.compile(demo.model_path(), "x86-64", demo.calibration_path(), tmp_path / "out", name="digits")
    head = (tmp_path / "out" / "digits_weights.c").read_text()[:400]
    assert "the numbers are the model's and belong to whoever owns it" in head
