"""One list of outside programs, for doctor, for builds that miss one and for make setup."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edgewright.build import build
from edgewright.build.tools import find_tool
from edgewright.errors import ToolError
from edgewright.targets import load_arch, load_cpu, own_targets
from edgewright.targets.toolchains import When, load_tools
from tests.harness.command import edgewright
from tests.harness.stub_model import write_stub_model

INSTALLER = Path(__file__).parents[2] / "tools" / "install_debian.sh"


def test_everything_that_a_target_calls_is_in_the_list() -> None:
    listed = {tool.command for tool in load_tools() if tool.when is When.USE}
    for cpu in own_targets()[0]:
        commands = {cpu.compiler, *cpu.emulator_command[:1], *load_arch(cpu.arch).emulator_command[:1]}
        assert commands <= listed, cpu.name


@pytest.mark.parametrize(
    ("command", "packages"),
    [
        ("arm-none-eabi-objdump", "gcc-arm-none-eabi libnewlib-arm-none-eabi"),
        ("gcc", "gcc libc6-dev"),
        ("objdump", "binutils"),
        ("gccgo", "gccgo"),
        ("sshfs", "sshfs"),
    ],
)
def test_a_missing_program_names_its_packages(
    command: str, packages: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError) as caught:
        find_tool(command)
    assert str(caught.value) == f"{command}: not found on PATH; install it with: sudo apt-get install {packages}"


def install(path: Path, python: str) -> subprocess.CompletedProcess[str]:
    """The installer on a machine that has nothing but `path`."""
    environment = {"PATH": str(path), "PYTHON": python}
    return subprocess.run(["/bin/bash", INSTALLER], capture_output=True, text=True, env=environment, check=False)


def test_the_installer_takes_its_list_from_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")
    done = install(tmp_path, sys.executable)
    assert (done.returncode, done.stdout) == (0, "")
    wanted = " ".join(tool.command for tool in load_tools() if tool.when is not When.ASKED)
    assert done.stderr == (
        f"setup: no apt-get on this machine; please install by hand: {wanted}; what needs them will be skipped\n"
    )
    done = install(tmp_path, "python2")
    assert done.returncode == 0
    assert done.stderr.startswith("setup: python2 cannot read which packages are needed, Python 3.11 or newer can")


def test_a_package_that_is_not_there_does_not_keep_the_others_away(tmp_path: Path) -> None:
    """A Debian without cmake and with nothing installed."""
    commands = {
        "dpkg-query": "exit 1",
        "apt-get": f'echo "$@" >> "{tmp_path}/asked"',
        "apt-cache": '[ "${!#}" != cmake ]',
        "sudo": '"$@"',
    }
    for name, body in commands.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{body}\n")
        (tmp_path / name).chmod(0o755)
    for name in ("bash", "dirname", "grep", "mktemp", "rm", "tail"):
        path = shutil.which(name)
        assert path
        (tmp_path / name).symlink_to(path)
    done = install(tmp_path, sys.executable)
    assert done.returncode == 0
    assert done.stderr == "setup: this machine's packages do not include cmake; what needs them will be skipped\n"
    packages = dict.fromkeys(p for tool in load_tools() if tool.when is not When.ASKED for p in tool.packages)
    installed = [name for name in packages if name != "cmake"]
    _, asked = (tmp_path / "asked").read_text().splitlines()
    assert asked == f"install -q -y --no-install-recommends {' '.join(installed)}"


def test_a_cpu_that_the_compiler_does_not_know_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "targets" / "cpus" / "core.toml"
    file.parent.mkdir(parents=True)
    file.write_text(load_cpu("cortex-m3").file.read_text().replace("-mcpu=cortex-m3", "-mcpu=cortex-m99"))
    monkeypatch.setenv("EDGEWRIGHT_TARGETS", str(tmp_path / "targets"))
    with pytest.raises(ToolError) as caught:
        build(write_stub_model(tmp_path / "stub", "core"))
    said = "arm-none-eabi-gcc: error: unrecognized -mcpu target: cortex-m99"
    assert str(caught.value) == f"core: {said}; install a newer arm-none-eabi-gcc, or change flags in {file}"
    done = edgewright("doctor", "--json")
    assert done.status == 7
    assert str(caught.value) in done.document["unknown_cpus"]
    assert not done.document["complete"]
