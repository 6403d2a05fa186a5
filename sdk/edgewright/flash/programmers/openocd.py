"""OpenOCD: nearly any probe and chip, by configuration files."""

from __future__ import annotations

from edgewright.flash.programmer import DIFFERS, NO_CHIP, Complaint, Does, Job, Programmer, Step, word_of_chip


class OpenOcd(Programmer):
    """`openocd` 0.12 or newer."""

    name = "openocd"
    program = "openocd"
    obtain = "sudo apt-get install openocd"
    docs = "https://openocd.org/doc/html/Flash-Programming.html"
    complaints = (
        Complaint(
            r"open failed|no .*device found|unable to find a matching", "no probe is connected; plug the board in"
        ),
        Complaint(r"can't find (\S+\.cfg)", "its configuration file is not installed; install a newer OpenOCD"),
        Complaint(r"init mode failed|unable to connect to the target|examination failed", NO_CHIP),
        Complaint(r"verify failed|verified .*mismatch", DIFFERS),
    )

    def steps(self, job: Job) -> list[Step]:
        base = ("openocd", *configuration(job.flashing.openocd))
        if job.port:
            base += ("-c", f"adapter serial {job.port}")
        steps = []
        if job.chip_id:
            read = ("-c", "init", "-c", f"mdw {job.chip_id.address:#x}", "-c", "shutdown")
            steps.append(Step(Does.IDENTIFY, (*base, *read)))
        program = f"program {{{job.files.elf}}} verify reset exit"
        steps.append(Step(Does.WRITE, (*base, "-c", program), says=r"\*\* Verified OK \*\*", verifies=True))
        return steps

    def chip(self, job: Job, said: str) -> tuple[str, bool] | None:
        wanted = job.chip_id
        return word_of_chip(job, said, rf"^0x{wanted.address:08x}: ([0-9a-f]{{8}})") if wanted else None


def configuration(items: tuple[str, ...]) -> tuple[str, ...]:
    """OpenOCD's options for the items of a board's `openocd`: files end in .cfg, everything else is a command."""
    return tuple(part for item in items for part in (("-f", item) if item.endswith(".cfg") else ("-c", item)))
