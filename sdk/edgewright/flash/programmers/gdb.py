"""GDB, against a debug server: an emulated board's, OpenOCD's, pyOCD's, SEGGER's, that of a Black Magic probe."""

from __future__ import annotations

from edgewright.flash.programmer import DIFFERS, Complaint, Does, Job, Programmer, Step, word_of_chip

_SCRIPT = """\
set confirm off
set pagination off
set tcp connect-timeout 5
set remotetimeout 10
target extended-remote {port}
{identify}load
compare-sections
"""
_IDENTIFY = """\
x/wx {address:#010x}
if (*(unsigned int *){address:#x} & {mask:#x}) != {value:#x}
  detach
  quit 3
end
"""


class Gdb(Programmer):
    """`gdb-multiarch`: `load` and `compare-sections` in one session, since a board runs on when GDB leaves it."""

    name = "gdb"
    program = "gdb-multiarch"
    obtain = "sudo apt-get install gdb-multiarch"
    docs = "https://sourceware.org/gdb/current/onlinedocs/gdb.html/Target-Commands.html"
    needs_port = "HOST:PORT of a debug server"
    complaints = (
        Complaint(r"connection (timed out|refused)|could not connect", "no debug server answers; start it"),
        Complaint(r"MIS-MATCHED", DIFFERS),
        Complaint(r"remote connection closed|remote communication error", "the debug server went away"),
    )

    def steps(self, job: Job) -> list[Step]:
        wanted = job.chip_id
        identify = _IDENTIFY.format(**vars(wanted)) if wanted else ""
        script = job.files.elf.with_suffix(".gdb")
        # Each server has its own word for a reset, and an error here is none of the job's.
        reset = ("-ex", "monitor system_reset", "-ex", "monitor reset", "-ex", "detach")
        return [
            Step(
                Does.WRITE,
                ("gdb-multiarch", "-nx", "-batch", "-x", str(script), *reset, str(job.files.elf)),
                (script, _SCRIPT.format(port=job.port, identify=identify)),
                says=r"^Section \S+, range .*: matched\.",
                never_says=r"MIS-MATCHED",
                verifies=True,
            )
        ]

    def chip(self, job: Job, said: str) -> tuple[str, bool] | None:
        wanted = job.chip_id
        return word_of_chip(job, said, rf"^0x0*{wanted.address:x}[^:\n]*:\s+0x([0-9a-f]{{8}})") if wanted else None
