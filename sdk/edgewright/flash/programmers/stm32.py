"""ST-LINK probes: the open stlink tools, and ST's own programmer."""

from __future__ import annotations

import re

from edgewright.flash.programmer import DIFFERS, NO_CHIP, Complaint, Does, Job, Probe, Programmer, Step

_NO_PROBE = "no ST-LINK is connected; plug the board in"


class StFlash(Programmer):
    """`st-flash` and `st-info` of the stlink tools."""

    name = "st-flash"
    program = "st-flash"
    obtain = "sudo apt-get install stlink-tools"
    docs = "https://github.com/stlink-org/stlink/blob/testing/doc/tutorial.md"
    complaints = (
        Complaint(r"couldn't find any ST-?Link|found 0 stlink", _NO_PROBE),
        Complaint(r"failed to connect to target|unknown memory region|chip_id.*0x0+\b", NO_CHIP),
    )

    def survey(self) -> tuple[str, ...]:
        return ("st-info", "--probe")

    def found(self, said: str) -> list[Probe]:
        return [Probe(serial, device) for serial, _, device in _programmers(said)]

    def steps(self, job: Job) -> list[Step]:
        one = ("--serial", job.port) if job.port else ()
        write = ("st-flash", "--reset", *one, "write", str(job.files.bin), f"{job.start:#010x}")
        return [
            Step(Does.IDENTIFY, ("st-info", "--probe")),
            Step(Does.WRITE, write, says="written and verified", verifies=True),
        ]

    def chip(self, job: Job, said: str) -> tuple[str, bool] | None:
        wanted = job.chip_id
        for serial, chip, device in _programmers(said):
            if wanted and job.port in ("", serial):
                return f"{device} {chip:#x} (wanted {wanted.value:#x})".strip(), chip == wanted.value
        return None


def _programmers(said: str) -> list[tuple[str, int, str]]:
    """Serial number, chip id and device of each block of `st-info --probe`."""
    found = []
    for block in re.split(r"(?=^\s*version:)", said, flags=re.MULTILINE):
        lines = dict(re.findall(r"^\s*([\w-]+):\s*(\S+)", block, re.MULTILINE))
        if "serial" in lines and "chipid" in lines:
            found.append((lines["serial"], int(lines["chipid"], 16), lines.get("dev-type", "")))
    return found


class CubeProgrammer(Programmer):
    """`STM32_Programmer_CLI` of ST's STM32CubeProgrammer."""

    name = "stm32-programmer"
    program = "STM32_Programmer_CLI"
    obtain = "see https://www.st.com/en/development-tools/stm32cubeprog.html"
    docs = "https://www.st.com/resource/en/user_manual/um2237-stm32cubeprogrammer-software-description-stmicroelectronics.pdf"
    wants_hex = True
    complaints = (
        Complaint(r"no (debug probe|ST-?LINK) detected", _NO_PROBE),
        Complaint(r"no STM32 target found|unable to (connect|get core id)", NO_CHIP),
        Complaint(r"verification.*failed|data mismatch", DIFFERS),
    )

    def survey(self) -> tuple[str, ...]:
        return (self.program, "-l", "st-link")

    def found(self, said: str) -> list[Probe]:
        return [Probe(serial) for serial in dict.fromkeys(re.findall(r"ST-LINK SN\s*:\s*(\w+)", said))]

    def steps(self, job: Job) -> list[Step]:
        connect = (self.program, "-c", "port=SWD", *((f"sn={job.port}",) if job.port else ()))
        write = ("-w", str(job.files.hex), "-v", "-rst")
        return [
            Step(Does.IDENTIFY, connect),
            Step(Does.WRITE, (*connect, *write), says="Download verified successfully", verifies=True),
        ]

    def chip(self, job: Job, said: str) -> tuple[str, bool] | None:
        wanted, found = job.chip_id, re.search(r"^Device ID\s*:\s*(0x[0-9A-Fa-f]+)", said, re.MULTILINE)
        if wanted is None or found is None:
            return None
        return f"device id {int(found[1], 16):#x} (wanted {wanted.value:#x})", int(found[1], 16) == wanted.value
