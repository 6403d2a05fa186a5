"""Nordic's own tools, over the J-Link on its kits."""

from __future__ import annotations

import re

from edgewright.flash.programmer import DIFFERS, Complaint, Does, Job, Probe, Programmer, Step

_NO_KIT = "no kit is connected; plug the board in"
_COMPLAINTS = (
    Complaint(r"no (debugger|devices?|emulator).*(connected|found)|0 supported device", _NO_KIT),
    Complaint(
        r"access protection|APPROTECT|readback protection", "is read-protected; recover it first, which erases it"
    ),
    Complaint(r"verif\w* (failed|error)|failed to verify", DIFFERS),
)
_VERSION = r"\b(n?NRF\d{4,6}\w*)"


class Nrfutil(Programmer):
    """`nrfutil device`."""

    name = "nrfutil"
    program = "nrfutil"
    obtain = "see https://www.nordicsemi.com/Products/Development-tools/nRF-Util"
    docs = "https://docs.nordicsemi.com/bundle/nrfutil/page/nrfutil-device/guides/programming.html"
    wants_hex = True
    complaints = _COMPLAINTS

    def survey(self) -> tuple[str, ...]:
        return ("nrfutil", "device", "list")

    def found(self, said: str) -> list[Probe]:
        return [Probe(serial) for serial in re.findall(r"^(\d{6,12})\s*$", said, re.MULTILINE)]

    def steps(self, job: Job) -> list[Step]:
        one = ("--serial-number", job.port) if job.port else ()
        options = "chip_erase_mode=ERASE_RANGES_TOUCHED_BY_FIRMWARE,verify=VERIFY_READ,reset=RESET_SYSTEM"
        program = ("nrfutil", "device", "program", "--firmware", str(job.files.hex), "--options", options, *one)
        return [
            Step(Does.IDENTIFY, ("nrfutil", "device", "device-info", *one)),
            Step(Does.WRITE, program, verifies=True),
        ]

    def chip(self, job: Job, said: str) -> tuple[str, bool] | None:
        return _version(job, said)


class Nrfjprog(Programmer):
    """`nrfjprog`, which Nordic no longer maintains; many have it."""

    name = "nrfjprog"
    program = "nrfjprog"
    obtain = "see https://www.nordicsemi.com/Products/Development-tools/nRF-Command-Line-Tools"
    docs = "https://docs.nordicsemi.com/bundle/ug_nrf_cltools/page/UG/cltools/cltools_nrfjprog.html"
    wants_hex = True
    complaints = _COMPLAINTS

    def survey(self) -> tuple[str, ...]:
        return ("nrfjprog", "--ids")

    def found(self, said: str) -> list[Probe]:
        return [Probe(serial) for serial in re.findall(r"^(\d{6,12})\s*$", said, re.MULTILINE)]

    def steps(self, job: Job) -> list[Step]:
        base = ("nrfjprog", "--family", job.flashing.nrf_version[:5], *(("--snr", job.port) if job.port else ()))
        return [
            Step(Does.IDENTIFY, (*base, "--deviceversion")),
            Step(Does.WRITE, (*base, "--program", str(job.files.hex), "--sectorerase", "--verify"), verifies=True),
            Step(Does.START, (*base, "--reset")),
        ]

    def chip(self, job: Job, said: str) -> tuple[str, bool] | None:
        return _version(job, said)


def _version(job: Job, said: str) -> tuple[str, bool] | None:
    found = re.search(_VERSION, said, re.IGNORECASE)
    wanted = job.flashing.nrf_version
    return (f"{found[1]} (wanted {wanted})", found[1].upper().startswith(wanted.upper())) if found else None
