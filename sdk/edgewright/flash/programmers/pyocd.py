"""pyOCD: any CMSIS-DAP, ST-LINK or J-Link probe."""

from __future__ import annotations

import json

from edgewright.flash.programmer import NO_CHIP, Complaint, Does, Job, Probe, Programmer, Step, word_of_chip


class PyOcd(Programmer):
    """`pyocd`, of the extra `flash`."""

    name = "pyocd"
    program = "pyocd"
    obtain = "pip install 'edgewright[flash]'"
    docs = "https://pyocd.io/docs/command_reference.html"
    complaints = (
        Complaint(r"no (available|connected) debug probe", "no probe is connected; plug the board in"),
        Complaint(r"target type .* not recognized", "needs the chip's pack; run: pyocd pack install CHIP"),
        Complaint(r"no ack|probe error|transfer error", NO_CHIP),
    )

    def survey(self) -> tuple[str, ...]:
        return ("pyocd", "json", "--probes")

    def found(self, said: str) -> list[Probe]:
        try:
            boards = json.loads(said[said.index("{") :])["boards"]
        except (ValueError, KeyError):
            return []
        return [Probe(board["unique_id"], board.get("info", "")) for board in boards]

    def steps(self, job: Job) -> list[Step]:
        connect = ("-W", "-t", job.flashing.pyocd_target, *(("-u", job.port) if job.port else ()))
        steps = []
        if job.chip_id:
            read = f"read32 {job.chip_id.address:#x}"
            steps.append(Step(Does.IDENTIFY, ("pyocd", "cmd", *connect, "-c", read)))
        steps.append(Step(Does.WRITE, ("pyocd", "load", *connect, "-e", "sector", "--no-reset", str(job.files.elf))))
        if job.files.bin:
            compare = ("-c", f'compare {job.start:#x} "{job.files.bin}"')
            match = Step(Does.VERIFY, ("pyocd", "cmd", *connect, *compare), says=r"bytes match", verifies=True)
            steps.append(match)
        return [*steps, Step(Does.START, ("pyocd", "reset", *connect))]

    def chip(self, job: Job, said: str) -> tuple[str, bool] | None:
        wanted = job.chip_id
        return word_of_chip(job, said, rf"^{wanted.address:08x}:\s+([0-9a-f]{{8}})") if wanted else None
