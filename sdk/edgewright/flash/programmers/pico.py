"""RP2040 and RP2350 in their boot ROM, and other boards with a UF2 boot loader."""

from __future__ import annotations

import re
import time
from pathlib import Path

from edgewright.errors import LinkError
from edgewright.flash.programmer import Complaint, Does, Job, Probe, Programmer, Step

INFO_FILE = "INFO_UF2.TXT"
MOUNTS = Path("/proc/self/mounts")
#: A board that took the whole file starts it, and its volume goes away.
RESTART_S = 15.0


class Picotool(Programmer):
    """`picotool`, for a board that was plugged in with BOOTSEL held."""

    name = "picotool"
    program = "picotool"
    obtain = "see https://github.com/raspberrypi/picotool"
    docs = "https://github.com/raspberrypi/picotool#readme"
    wants_uf2 = True
    complaints = (
        Complaint(
            r"no accessible .*devices?.* found",
            "no board is in BOOTSEL mode; hold BOOTSEL while you plug it in",
        ),
    )

    def steps(self, job: Job) -> list[Step]:
        one = ("--ser", job.port) if job.port else ()
        load = ("picotool", "load", "-v", "-x", str(job.files.uf2), *one)
        return [
            Step(Does.IDENTIFY, ("picotool", "info", "-d", *one)),
            Step(Does.WRITE, load, verifies=True),
        ]

    def chip(self, job: Job, said: str) -> tuple[str, bool] | None:
        found = re.search(r"^\s*type:\s*(RP\d+)", said, re.MULTILINE)
        return (found[1], job.flashing.uf2_family.startswith(found[1].lower())) if found else None


class Uf2Volume(Programmer):
    """The drive that a UF2 boot loader shows: a file copied there is written. It cannot be read back."""

    name = "uf2"
    program = "cp"
    obtain = "sudo apt-get install coreutils"
    docs = "https://github.com/microsoft/uf2#file-containers"
    wants_uf2 = True
    needs_port = "the folder where the board's drive is mounted"
    restart_s = RESTART_S

    def survey(self) -> tuple[str, ...]:
        return ("cat", str(MOUNTS))

    def found(self, said: str) -> list[Probe]:
        folders = [_unescaped(line.split()[1]) for line in said.splitlines() if len(line.split()) > 1]
        return [Probe(folder) for folder in folders if (Path(folder) / INFO_FILE).is_file()]

    def steps(self, job: Job) -> list[Step]:
        copy = Path(job.port) / f"{job.name}.uf2"
        return [
            Step(Does.IDENTIFY, ("cat", str(Path(job.port) / INFO_FILE))),
            Step(Does.WRITE, ("cp", str(job.files.uf2), str(copy))),
            # The volume may go while this runs, so that its status says nothing; `after` sees whether it went.
            Step(Does.START, ("sh", "-c", 'sync "$1" 2>&1 || true', "sync", str(copy))),
        ]

    def chip(self, job: Job, said: str) -> tuple[str, bool] | None:
        found = re.search(r"^Board-ID:\s*(\S+)", said, re.MULTILINE)
        return (found[1], found[1].startswith(job.flashing.uf2_board)) if found else None

    def after(self, job: Job) -> None:
        deadline = time.monotonic() + self.restart_s
        while (Path(job.port) / INFO_FILE).exists():
            if time.monotonic() > deadline:
                raise LinkError(f"{job.port}: the board took the file and did not start it; its flash is not written")
            time.sleep(0.1)


def _unescaped(folder: str) -> str:
    """A folder as /proc/self/mounts has it, with blanks as \\040."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), folder)
