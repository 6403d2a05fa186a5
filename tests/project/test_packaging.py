"""An installed package has everything: the kernels, the targets, the demo."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD_INPUTS = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "sdk", "targets", "runtime_c")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content of a wheel, built from a copy of the checkout so that nothing is left in it."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    skip = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in BUILD_INPUTS:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=skip)
        else:
            shutil.copy(path, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("edgewright-*-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("targets", "edgewright/_data/targets"),
        ("runtime_c", "edgewright/_data/runtime_c"),
        ("sdk/edgewright", "edgewright"),
    ],
)
def test_wheel_carries_every_file(unpacked: Path, source: str, target: str) -> None:
    expected = {path.relative_to(ROOT / source) for path in (ROOT / source).rglob("*") if path.is_file()}
    expected = {path for path in expected if "__pycache__" not in path.parts}
    carried = {path.relative_to(unpacked / target) for path in (unpacked / target).rglob("*") if path.is_file()}
    assert expected - carried == set()


def test_wheel_carries_nothing_else_and_its_licence(unpacked: Path) -> None:
    assert {path.name.partition("-")[0] for path in unpacked.iterdir()} == {"edgewright"}
    assert list(unpacked.glob("edgewright-*.dist-info/licenses/LICENSE"))
    assert (unpacked / "edgewright" / "_data" / "LICENSE").is_file(), "generated directories get a copy"


def test_unpacked_wheel_finds_its_data(unpacked: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from edgewright import demo, targets\n"
        "from edgewright.paths import data_folder\n"
        "print(targets.load_cpu('cortex-m4').name, (data_folder('runtime_c') / 'include' / 'ew.h').is_file())\n"
        "print(data_folder('targets'), data_folder('runtime_c'), demo.model_path(), sep='\\n')\n"
    )
    command = [sys.executable, "-I", "-c", program, str(unpacked)]
    first, *paths = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert first == "cortex-m4 True"
    assert all(Path(path).is_relative_to(unpacked) for path in paths)
