"""SEGGER J-Link Commander."""

from __future__ import annotations

from edgewright.flash.programmer import DIFFERS, NO_CHIP, Complaint, Does, Job, Programmer, Step, word_of_chip


class JLink(Programmer):
    """`JLinkExe`, which takes its commands from a file; its status says nothing, its output does."""

    name = "jlink"
    program = "JLinkExe"
    obtain = "see https://www.segger.com/downloads/jlink"
    docs = "https://kb.segger.com/J-Link_Commander"
    wants_hex = True
    complaints = (
        Complaint(r"connecting to J-Link.*failed|no emulators? connected", "no J-Link is connected; plug the board in"),
        Complaint(r"(cannot|could not) connect to (the )?target", NO_CHIP),
        Complaint(r"verif\w+ failed|failed to verify|error while verifying", DIFFERS),
        Complaint(r"unknown device|device .* unknown", "does not know the chip; install a newer J-Link software"),
    )

    def steps(self, job: Job) -> list[Step]:
        chip_id = job.chip_id
        identify = job.files.elf.with_suffix(".identify.jlink")
        write = job.files.elf.with_suffix(".write.jlink")
        steps = []
        if chip_id:
            text = f"mem32 {chip_id.address:#x},1\nqc\n"
            steps.append(Step(Does.IDENTIFY, self._command(job, str(identify)), (identify, text)))
        verify = f"verifybin {job.files.bin},{job.start:#x}\n" if job.files.bin else ""
        steps.append(
            Step(
                Does.WRITE,
                self._command(job, str(write)),
                (write, f"r\nloadfile {job.files.hex}\n{verify}r\ng\nqc\n"),
                says=r"verify successful" if verify else r"O\.K\.",
                verifies=bool(verify),
            )
        )
        return steps

    def _command(self, job: Job, script: str) -> tuple[str, ...]:
        one = ("-SelectEmuBySN", job.port) if job.port else ()
        link = ("-device", job.flashing.jlink_device, "-if", "SWD", "-speed", "4000", "-autoconnect", "1")
        return ("JLinkExe", "-NoGui", "1", "-ExitOnError", "1", *one, *link, "-CommandFile", script)

    def chip(self, job: Job, said: str) -> tuple[str, bool] | None:
        wanted = job.chip_id
        return word_of_chip(job, said, rf"^{wanted.address:08X} = ([0-9A-F]{{8}})") if wanted else None
