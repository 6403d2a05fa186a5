"""A Linux machine such as a Raspberry Pi: the program is copied there under another name, compared, and renamed."""

from __future__ import annotations

import hashlib
import re

from edgewright.errors import UsageError
from edgewright.flash.programmer import Complaint, Does, Job, Programmer, Step

#: What `uname -m` may say where programs of a compiler run.
MACHINES = {
    "aarch64-linux-gnu-gcc": ("aarch64",),
    "arm-linux-gnueabihf-gcc": ("armv7l", "armv8l", "aarch64"),
    "arm-linux-gnueabi-gcc": ("armv6l", "armv7l", "armv8l", "aarch64"),
}
_OPTIONS = ("-o", "BatchMode=yes", "-o", "ConnectTimeout=10")


class Ssh(Programmer):
    """`ssh` and `scp`, without a password."""

    name = "ssh"
    program = "scp"
    obtain = "sudo apt-get install openssh-client"
    docs = "https://man.openbsd.org/ssh"
    needs_port = "a host of ssh's configuration, or user@address"
    complaints = (
        Complaint(
            r"could not resolve|connection (refused|timed out)|no route to host",
            "cannot be reached; try: ssh HOST true",
        ),
        Complaint(r"permission denied", "lets nobody in without a password; set up a key with ssh-copy-id"),
        Complaint(r"no space left", "has no room; delete something there"),
    )

    def steps(self, job: Job) -> list[Step]:
        if not re.fullmatch(r"[A-Za-z0-9_][\w.@-]*", job.port):
            raise UsageError(f"--port {job.port}: not a host; give one of ssh's configuration, or user@address")
        name, new = f"edgewright-{job.name}", f"edgewright-{job.name}.new"
        digest = hashlib.sha256(job.files.elf.read_bytes()).hexdigest()
        ssh = ("ssh", *_OPTIONS, job.port)
        return [
            Step(Does.IDENTIFY, (*ssh, "uname -m")),
            Step(Does.WRITE, ("scp", "-q", *_OPTIONS, str(job.files.elf), f"{job.port}:{new}")),
            Step(Does.VERIFY, (*ssh, f"sha256sum {new}"), says=rf"^{digest}\b", verifies=True),
            Step(Does.START, (*ssh, f"chmod +x {new} && mv -f {new} {name}")),
        ]

    def chip(self, job: Job, said: str) -> tuple[str, bool] | None:
        machines, machine = MACHINES.get(job.target.cpu.compiler), said.strip().rpartition("\n")[2]
        if machines is None or not re.fullmatch(r"\w+", machine):
            return None
        return f"{machine} (wanted {' or '.join(machines)})", machine in machines
