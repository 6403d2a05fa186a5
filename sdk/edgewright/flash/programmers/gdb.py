"""GDB, against a debug server: an emulated board's, OpenOCD's, pyOCD's, SEGGER's, that of a Black Magic probe."""

from __future__ import annotations

from collections.abc import Iterable

from edgewright.flash.programmer import DIFFERS, Complaint, Does, Job, Programmer, Step, word_of_chip

_SCRIPT = """\
{identify}load
compare-sections
"""
_IDENTIFY = """\
if $chip != 0 && ($chip & {mask:#x}) != {value:#x}
  detach
  quit 3
end
"""


class Gdb(Programmer):
    """`gdb-multiarch`: `load` and `compare-sections` in one session, since a board runs on when GDB leaves it.

    Emulators do not model every chip's id: one that cannot be read, or reads as 0, is not compared.
    """

    name = "gdb"
    program = "gdb-multiarch"
    obtain = "sudo apt-get install gdb-multiarch"
    docs = "https://sourceware.org/gdb/current/onlinedocs/gdb.html/Target-Commands.html"
    needs_port = "HOST:PORT of a debug server"
    port_form = r"\S+:([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-5]\d{2})"
    complaints = (
        Complaint(r"connection (timed out|refused)|could not connect", "no debug server answers; start it"),
        Complaint(r"MIS-MATCHED", DIFFERS),
        Complaint(r"remote connection closed|remote communication error", "the debug server went away"),
    )

    def steps(self, job: Job) -> list[Step]:
        wanted = job.chip_id
        script = job.files.elf.with_suffix(".gdb")
        # Unlike in a script, an error in one of these does not end the session.
        first = ["set confirm off", "set pagination off", "set tcp connect-timeout 5", "set remotetimeout 10"]
        first.append(f"target extended-remote {job.port}")
        if wanted:
            first += ["set $chip = 0", f"set $chip = *(unsigned int *){wanted.address:#x}", "p/x $chip"]
        # Each server has its own word for a reset.
        last = ("monitor system_reset", "monitor reset", "detach")
        command = ("gdb-multiarch", "-nx", "-batch", *_each(first), "-x", str(script), *_each(last), str(job.files.elf))
        text = _SCRIPT.format(identify=_IDENTIFY.format(**vars(wanted)) if wanted else "")
        return [
            Step(
                *(Does.WRITE, command, (script, text)),
                says=r"^Section \S+, range .*: matched\.",
                never_says=r"MIS-MATCHED",
                writing=r"^Loading section|^Load failed|MIS-MATCHED",
                verifies=True,
            )
        ]

    def chip(self, job: Job, said: str) -> tuple[str, bool] | None:
        return word_of_chip(job, said, r"^\$1 = 0x(?!0$)([0-9a-f]+)$")


def _each(commands: Iterable[str]) -> tuple[str, ...]:
    return tuple(part for command in commands for part in ("-ex", command))
