"""Running a built model: on the host, on an emulator, on a device, through one interface."""

import re
from pathlib import Path

from edgewright.artifact import read_manifest
from edgewright.build import load_result
from edgewright.errors import UsageError
from edgewright.run.device import open_device
from edgewright.run.emulator import open_emulator
from edgewright.run.host import open_host
from edgewright.run.ports import split_device
from edgewright.run.probe import open_probe
from edgewright.run.runner import RunCost, Runner, RunnerInfo
from edgewright.run.ssh import open_ssh

__all__ = ["RunCost", "Runner", "RunnerInfo", "open_runner"]


def open_runner(directory: Path, place: str) -> Runner:
    """The model of a built directory, ready to run at `place`.

    place: "host", "emulator", "device", "device:PORT", "device:PORT@BAUD", "probe:HOST:PORT"
    or "ssh:HOST".

    Raises:
        UsageError: no such place, or the directory is not built.
        ToolError: the emulator is not installed.
        LinkError: nobody answers, or another model does.
    """
    directory = directory.resolve()
    kind, _, port = place.partition(":")
    if re.match("device($|[:@])", place):
        name, baud = split_device(place)
        built = load_result(directory)
        return open_device(read_manifest(directory), name, baud=baud, build_id=built.build_id, program=built.elf)
    if kind == "probe" and port:
        return open_probe(read_manifest(directory), load_result(directory), port)
    if kind == "ssh" and port:
        return open_ssh(read_manifest(directory), load_result(directory), port)
    if place == "host":
        return open_host(read_manifest(directory), load_result(directory))
    if place == "emulator":
        return open_emulator(read_manifest(directory), load_result(directory))
    raise UsageError(f"place '{place}': none of host, emulator, device, device:PORT, probe:HOST:PORT, ssh:HOST")
